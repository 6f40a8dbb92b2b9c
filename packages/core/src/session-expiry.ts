import type { SessionStore } from "@durable-mcp/contract";

/** When a session expires, as far as this node knows, and how it is kept from that. */
export class SessionExpiry {
  /** Unix time in ms at which the store lets the session expire, as far as this node has moved it. */
  atMs: number;
  readonly #sessions: SessionStore;
  readonly #id: string;
  readonly #idleTtlMs: number;
  #touching = false;

  constructor(sessions: SessionStore, id: string, idleTtlMs: number, atMs: number) {
    this.#sessions = sessions;
    this.#id = id;
    this.#idleTtlMs = idleTtlMs;
    this.atMs = atMs;
  }

  /**
   * Moves the expiry on, unless that was done a short while ago.
   *
   * Returns: false if the session is gone
   * Errors:  STORE_UNAVAILABLE
   */
  async touch(nowMs: number): Promise<boolean> {
    if (this.#touching || this.atMs - nowMs > this.#idleTtlMs * 0.9) return true;
    this.#touching = true;
    try {
      const { outcome } = await this.#sessions.touch(this.#id, this.#idleTtlMs);
      if (outcome === "ok") this.atMs = nowMs + this.#idleTtlMs;
      return outcome === "ok";
    } finally {
      this.#touching = false;
    }
  }
}
