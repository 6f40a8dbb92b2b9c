import { DurableMcpError, type SessionRecord, type SessionStore } from "@durable-mcp/contract";
import { notOwner, tooLarge } from "./session-errors.js";
import { parseShape, type SessionShape } from "./session-shape.js";

/**
 * Keeps the stored record of a session in step with what shapes it. Changes made while an update is under way go
 * together in the next one.
 */
export class RecordKeeper {
  readonly fence: number;
  #shape: SessionShape;
  #state: SessionRecord["state"];
  readonly #sessions: SessionStore;
  readonly #id: string;
  readonly #maxLength: number;
  #next: Promise<void> | undefined;
  #underWay: Promise<void> = Promise.resolve();

  constructor(sessions: SessionStore, record: SessionRecord, maxLength: number) {
    this.#maxLength = maxLength;
    this.#sessions = sessions;
    this.#id = record.id;
    this.fence = record.fence;
    this.#shape = parseShape(record.shape);
    this.#state = record.state;
  }

  get shape(): SessionShape {
    return this.#shape;
  }

  get state(): SessionRecord["state"] {
    return this.#state;
  }

  /**
   * Changes what is kept and stores it.
   *
   * Returns: resolves when it is stored
   * Errors:  SESSION_TOO_LARGE if it would be too much; SESSION_NOT_FOUND; NOT_OWNER; what the store says
   */
  change(change: {
    readonly shape?: Partial<SessionShape>;
    readonly state?: SessionRecord["state"];
  }): Promise<void> {
    const shape = { ...this.#shape, ...change.shape };
    const state = change.state ?? this.#state;
    if (JSON.stringify([shape, state]).length > this.#maxLength)
      return Promise.reject(tooLarge(this.#maxLength));
    this.#shape = shape;
    this.#state = state;
    this.#next ??= this.#underWay.then(() => {
      this.#next = undefined;
      const stored = this.#store();
      this.#underWay = stored.catch(() => {});
      return stored;
    });
    return this.#next;
  }

  /** Resolves when no change is waiting or under way, stored or not. */
  async settled(): Promise<void> {
    await this.#next?.catch(() => {});
    await this.#underWay;
  }

  async #store(): Promise<void> {
    const change = { shape: this.#shape, state: this.#state };
    const { outcome } = await this.#sessions.update(this.#id, { fence: this.fence }, change);
    if (outcome === "gone") throw new DurableMcpError("SESSION_NOT_FOUND", "The session has ended.");
    if (outcome !== "ok") throw notOwner();
  }
}
