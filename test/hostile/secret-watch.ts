import { randomBytes } from "node:crypto";

/** Knows what belongs to which session, and finds it in answers to anybody else (G3, G9). */
export class SecretWatch {
  readonly #owners = new Map<string, string>();

  /** A marker for a session to put into what it says. Nothing else on earth contains it. */
  plant(sessionId: string): string {
    const marker = `MARK-${randomBytes(12).toString("hex")}`;
    this.#owners.set(marker, sessionId);
    this.#owners.set(sessionId, sessionId);
    return marker;
  }

  /** The session is over, and so long ago that nothing of it is looked for any more. */
  forget(sessionId: string): void {
    for (const [secret, owner] of this.#owners) if (owner === sessionId) this.#owners.delete(secret);
  }

  /**
   * Looks through an answer.
   *
   * Shapes:  askers: the sessions whose ids came with the request
   * Errors:  one that names the owner of what was found
   */
  check(text: string, askers: readonly string[]): void {
    for (const [secret, owner] of this.#owners) {
      if (!askers.includes(owner) && text.includes(secret)) {
        throw new Error(
          `Session ${askers.join() || "(none)"} was told a secret of session ${owner}: ${text.slice(0, 2_000)}`,
        );
      }
    }
  }
}
