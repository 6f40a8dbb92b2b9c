/** An event of an SSE stream. `data` is empty for one that only gives the client a cursor. */
export interface SseEvent {
  readonly id: string | undefined;
  readonly data: string;
}

/** Reads an SSE stream as MCP servers write it: lines end with \n, and an event has one line of data. */
export class SseParser {
  readonly #onEvent: (event: SseEvent) => void;
  #rest = "";

  constructor(onEvent: (event: SseEvent) => void) {
    this.#onEvent = onEvent;
  }

  feed(text: string): void {
    const input = this.#rest + text;
    let at = 0;
    for (let end = input.indexOf("\n\n"); end >= 0; end = input.indexOf("\n\n", at)) {
      const event = parseEvent(input.slice(at, end));
      if (event) this.#onEvent(event);
      at = end + 2;
    }
    this.#rest = input.slice(at);
  }
}

/** Returns: undefined for a comment, or what has no data */
function parseEvent(block: string): SseEvent | undefined {
  let id: string | undefined;
  let data: string | undefined;
  for (const line of block.split("\n")) {
    if (line.startsWith("data: ")) data = line.slice("data: ".length);
    else if (line.startsWith("id: ")) id = line.slice("id: ".length);
  }
  return data === undefined ? undefined : { id, data };
}
