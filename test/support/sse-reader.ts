/** One event of an SSE stream, as it came. */
export interface SseEvent {
  readonly id: string | undefined;
  readonly data: string;
  readonly retryMs: number | undefined;
}

/** Cuts the text of an SSE stream into events; comments are dropped, an unfinished event is too. */
export class SseReader {
  #rest = "";

  /** The events that this piece of text completes. */
  push(text: string): readonly SseEvent[] {
    const blocks = (this.#rest + text).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    return blocks.map(parse).filter((event) => event !== undefined);
  }
}

function parse(block: string): SseEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const [name = "", value = ""] = line.split(/: ?(.*)/s, 2);
    if (name !== "") fields.set(name, value);
  }
  if (fields.size === 0) return undefined;
  const retry = fields.get("retry");
  return {
    id: fields.get("id"),
    data: fields.get("data") ?? "",
    retryMs: retry === undefined ? undefined : Number(retry),
  };
}
