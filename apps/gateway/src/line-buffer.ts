const LF = 0x0a;

/**
 * Cuts a stream of bytes into lines. Each byte is looked at once and copied a bounded number of times, however long
 * the line and however small the chunks.
 */
export class LineBuffer {
  #unfinished = Buffer.alloc(0);
  #length = 0;

  /** Length of the unfinished line in bytes. */
  get length(): number {
    return this.#length;
  }

  /** Takes the next chunk. Returns: the lines it completes, without their ends */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, from)) {
      lines.push(this.#finish(chunk.subarray(from, end)));
      from = end + 1;
    }
    this.#keep(chunk.subarray(from));
    return lines;
  }

  /** Drops the unfinished line. */
  clear(): void {
    this.#unfinished = Buffer.alloc(0);
    this.#length = 0;
  }

  #finish(rest: Buffer): string {
    if (this.#length === 0) return rest.toString("utf8");
    this.#keep(rest);
    const line = this.#unfinished.toString("utf8", 0, this.#length);
    this.clear();
    return line;
  }

  #keep(part: Buffer): void {
    const length = this.#length + part.length;
    if (length > this.#unfinished.length) {
      // Doubled, so that a line is not copied anew with every chunk.
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#unfinished.length));
      this.#unfinished.copy(larger, 0, 0, this.#length);
      this.#unfinished = larger;
    }
    part.copy(this.#unfinished, this.#length);
    this.#length = length;
  }
}
