/** One event of an SSE stream, as it came. */
export interface SseEvent {
  readonly id: string | undefined;
  readonly data: string;
  readonly retryMs: number | undefined;
}

/** Cuts the text of an SSE stream into events. */
export class SseReader {
  readonly comments: string[] = [];
  #pieces: string[] = [];
  #lastCharacter = "";

  /** The events that this piece of text completes. */
  push(text: string): readonly SseEvent[] {
    if (text === "") return [];
    const completes = text.includes("\n\n") || (this.#lastCharacter === "\n" && text.startsWith("\n"));
    this.#pieces.push(text);
    this.#lastCharacter = text.slice(-1);
    // A long event is put together once, not with each of its pieces.
    if (!completes) return [];
    const blocks = this.#pieces.join("").split("\n\n");
    this.#pieces = [blocks.pop() ?? ""];
    return blocks.map((block) => this.#parse(block)).filter((event) => event !== undefined);
  }

  #parse(block: string): SseEvent | undefined {
    const fields = new Map<string, string>();
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      const value = line.slice(colon + 1).replace(/^ /, "");
      if (colon === 0) this.comments.push(value);
      else if (colon > 0) fields.set(line.slice(0, colon), value);
    }
    if (fields.size === 0) return undefined;
    const retry = fields.get("retry");
    return {
      id: fields.get("id"),
      data: fields.get("data") ?? "",
      retryMs: retry === undefined ? undefined : Number(retry),
    };
  }
}
