import type { Nodes } from "@durable-mcp/contract";

/** The nodes of this process. In memory: whoever else used the file before is dead, or could not have been locked out. */
export class LocalNodes implements Nodes {
  readonly #now: () => number;
  /** Node id -> Unix time in ms at which its heartbeat runs out. */
  readonly #heartbeats = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  async heartbeat(nodeId: string, ttlMs: number): Promise<void> {
    const nowMs = this.#now();
    for (const [id, expiresAtMs] of this.#heartbeats) {
      if (expiresAtMs <= nowMs) this.#heartbeats.delete(id);
    }
    this.#heartbeats.set(nodeId, nowMs + ttlMs);
  }

  async isAlive(nodeId: string): Promise<boolean> {
    return (this.#heartbeats.get(nodeId) ?? -Infinity) > this.#now();
  }
}
