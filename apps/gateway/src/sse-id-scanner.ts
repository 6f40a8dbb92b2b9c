/** As much of a line as tells whether it is an id with a value, in characters: `id: x`. */
const ENOUGH = 5;

/**
 * Finds out whether an SSE stream names an event's id, to resume from. Looks at each chunk once and keeps no more of
 * an unfinished line than its beginning (G7).
 */
export class SseIdScanner {
  #line = "";
  #found = false;

  /** Whether a complete line was an id with a value. */
  get found(): boolean {
    return this.#found;
  }

  /** Takes the next part of the stream, cut anywhere. */
  push(text: string): void {
    if (this.#found) return;
    const lines = text.split(/[\r\n]/);
    for (const [index, part] of lines.entries()) {
      this.#line = (this.#line + part.slice(0, ENOUGH)).slice(0, ENOUGH);
      if (index === lines.length - 1) return;
      this.#found ||= /^id:(?:[^ ]| .)/s.test(this.#line);
      this.#line = "";
    }
  }
}
