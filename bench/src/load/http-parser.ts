/** The head of an HTTP answer; header names in lower case. */
export interface HttpHead {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

/** Takes the parts of HTTP answers as they come. */
export interface HttpSink {
  head(head: HttpHead): void;
  body(text: string): void;
  end(): void;
}

/**
 * Reads HTTP/1.1 answers of one connection, one after the other: a body has a length, or comes in chunks. `node:http`
 * would take as much time for it as some of the servers take to answer, and the load must not be what is measured.
 */
export class HttpParser {
  readonly #sink: HttpSink;
  #rest = "";
  #step: "head" | "size" | "body" | "chunk-end" | "last-chunk" = "head";
  #isChunked = false;
  /** Characters of the body, or of its chunk, that are still to come. */
  #left = 0;

  constructor(sink: HttpSink) {
    this.#sink = sink;
  }

  /** Shapes:  text: one character per byte */
  feed(text: string): void {
    const input = this.#rest + text;
    let at = 0;
    for (;;) {
      const next = this.#read(input, at);
      if (next === undefined) break;
      at = next;
    }
    this.#rest = input.slice(at);
  }

  /** Reads one part that begins at `at`. Returns: where the next one begins, or undefined if this one is not there yet */
  #read(input: string, at: number): number | undefined {
    switch (this.#step) {
      case "head":
        return this.#readHead(input, at);
      case "size": {
        const end = input.indexOf("\r\n", at);
        if (end < 0) return undefined;
        this.#left = Number.parseInt(input.slice(at, end), 16);
        this.#step = this.#left === 0 ? "last-chunk" : "body";
        return end + 2;
      }
      case "body":
        return this.#readBody(input, at);
      case "chunk-end":
        if (input.length < at + 2) return undefined;
        this.#step = "size";
        return at + 2;
      case "last-chunk":
        if (input.length < at + 2) return undefined;
        this.#finish();
        return at + 2;
    }
  }

  #readHead(input: string, at: number): number | undefined {
    const end = input.indexOf("\r\n\r\n", at);
    if (end < 0) return undefined;
    const [statusLine = "", ...lines] = input.slice(at, end).split("\r\n");
    const headers = new Map<string, string>();
    for (const line of lines) {
      const colon = line.indexOf(":");
      headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    }
    this.#sink.head({ status: Number(statusLine.split(" ", 2)[1]), headers });
    this.#isChunked = headers.get("transfer-encoding") === "chunked";
    this.#left = Number(headers.get("content-length") ?? 0);
    if (this.#isChunked) this.#step = "size";
    else if (this.#left > 0) this.#step = "body";
    else this.#finish();
    return end + 4;
  }

  #readBody(input: string, at: number): number | undefined {
    if (at === input.length) return undefined;
    const piece = input.slice(at, at + this.#left);
    this.#left -= piece.length;
    this.#sink.body(piece);
    if (this.#left === 0 && this.#isChunked) this.#step = "chunk-end";
    else if (this.#left === 0) this.#finish();
    return at + piece.length;
  }

  #finish(): void {
    this.#step = "head";
    this.#sink.end();
  }
}
