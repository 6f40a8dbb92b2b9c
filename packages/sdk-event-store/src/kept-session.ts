import { DurableMcpError, type SessionRecord, type Store } from "@durable-mcp/contract";
import { keepSwept } from "./sweeping.js";
import type { ToSdkEventStoreOptions } from "./to-sdk-options.js";

/** Whose the sessions are, in the store: no endpoint's caller has this name, so no endpoint serves them. */
const SDK_TRANSPORTS = "sdk-transport";

/** So often an expiry is moved within the idle time. */
const TOUCHES_PER_TTL = 10;

/**
 * The record that a session's events need in the store. It comes with the first event, stays while it is used, and may
 * be shared with other handles, of this process or of later ones.
 *
 * Source:  G3, G7
 */
export class KeptSession {
  /** The session's id in the store: none that an endpoint on the same store could have given out. */
  readonly id: string;
  readonly #store: Store;
  readonly #maxSessions: number;
  readonly #touchEveryMs: number;
  readonly #ttlMs: number;
  #epoch: string | undefined;
  #touchedAtMs = 0;
  #opening: Promise<string> | undefined;
  #terminated = false;

  constructor(store: Store, { sessionId, idleTtlMs, maxSessions }: Required<ToSdkEventStoreOptions>) {
    this.id = `${SDK_TRANSPORTS}/${sessionId}`;
    this.#store = store;
    this.#maxSessions = maxSessions;
    this.#touchEveryMs = Math.ceil(idleTtlMs / TOUCHES_PER_TTL);
    this.#ttlMs = idleTtlMs + this.#touchEveryMs;
  }

  /**
   * Makes sure that the session is there, and that it stays.
   *
   * Returns: the epoch
   * Errors:  SESSION_NOT_FOUND after `terminate`; SESSION_QUOTA, STORE_UNAVAILABLE, STORE_FULL (retryable)
   */
  async open(): Promise<string> {
    this.#assertNotTerminated();
    if (this.#epoch !== undefined && !this.#isTouchDue()) return this.#epoch;
    this.#opening ??= this.#findOrCreate().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /**
   * Looks for the session, and sees to it that it stays if it is there.
   *
   * Returns: the epoch; undefined if there is none
   */
  async find(): Promise<string | undefined> {
    const record = await this.#store.sessions.get(this.id);
    if (!record) return undefined;
    if (this.#isTouchDue()) {
      const { outcome } = await this.#store.sessions.touch(this.id, this.#ttlMs);
      if (outcome === "gone") return undefined;
    }
    return this.#remember(record);
  }

  /** The store has said that the session is gone. */
  forget(): void {
    this.#epoch = undefined;
    this.#touchedAtMs = 0;
  }

  /** Removes the session and all its events; this handle does not bring it back. */
  async terminate(): Promise<void> {
    this.#terminated = true;
    // What is being created must not be left behind.
    await this.#opening?.catch(() => {});
    await this.#store.sessions.terminate(this.id);
  }

  async #findOrCreate(): Promise<string> {
    for (;;) {
      const epoch = await this.find();
      if (epoch !== undefined) return epoch;
      this.#assertNotTerminated();
      const created = await this.#store.sessions.create(
        { id: this.id, principal: SDK_TRANSPORTS, nodeId: SDK_TRANSPORTS, shape: {}, state: {} },
        { ttlMs: this.#ttlMs, maxPerPrincipal: this.#maxSessions, maxTotal: Number.MAX_SAFE_INTEGER },
      );
      if (created.outcome === "ok") return this.#remember(created.record);
      if (created.outcome === "quota") {
        throw new DurableMcpError(
          "SESSION_QUOTA",
          `The store keeps events of ${this.#maxSessions} sessions (maxSessions); no other one can begin before one ends.`,
        );
      }
      // Another handle was faster: look again.
    }
  }

  #remember(record: SessionRecord): string {
    if (this.#isTouchDue()) this.#touchedAtMs = Date.now();
    this.#epoch = record.createdAtMs.toString(36);
    keepSwept(this.#store, SDK_TRANSPORTS);
    return this.#epoch;
  }

  #isTouchDue(): boolean {
    // A clock that was set back makes it due as well.
    return Math.abs(Date.now() - this.#touchedAtMs) >= this.#touchEveryMs;
  }

  #assertNotTerminated(): void {
    if (this.#terminated)
      throw new DurableMcpError("SESSION_NOT_FOUND", "The session's events were removed by terminate().");
  }
}
