import type { HttpResponse } from "@durable-mcp/core";

/** Bytes that may wait for the client before the writer is told to. */
const HIGH_WATER_BYTES = 64 * 1024;

/** A status for logs: the client has gone away, nobody will see it. */
const CLIENT_CLOSED_REQUEST = 499;

const utf8 = new TextEncoder();

/**
 * The endpoint's view of a web-standard response. The stream itself queues nothing: what the client has not asked for
 * yet waits here, where its bytes are counted (G7).
 */
export class WebResponse implements HttpResponse {
  /** Resolves when the head is known: at once for a stream, with the body for any other answer. */
  readonly response: Promise<Response>;
  /** Resolves when the answer is finished or the client has gone away. */
  readonly closed: Promise<void>;
  #respond!: (response: Response) => void;
  #tellClosed!: () => void;
  #head: ResponseInit | undefined;
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  #pieces: Uint8Array[] = [];
  #bufferedBytes = 0;
  /** The client waits for the next piece. */
  #wanted = false;
  /** The writer was told to wait, and must be told when to go on. */
  #waiting = false;
  #ended = false;
  #isClosed = false;
  #onDrain = () => {};

  /** Shapes:  gone: aborted when the client goes away, where the runtime tells */
  constructor(gone: AbortSignal | undefined) {
    this.response = new Promise((resolve) => {
      this.#respond = resolve;
    });
    this.closed = new Promise((resolve) => {
      this.#tellClosed = resolve;
    });
    if (!gone) return;
    const leave = () => this.#leave();
    if (gone.aborted) leave();
    else gone.addEventListener("abort", leave, { once: true });
    void this.closed.then(() => gone.removeEventListener("abort", leave));
  }

  get begun(): boolean {
    return this.#head !== undefined;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  begin(status: number, headers: Readonly<Record<string, string>>): void {
    this.#head = { status, headers };
    // The head of a stream goes out at once; any other goes with its body.
    if (headers["content-type"] === "text/event-stream")
      this.#respond(new Response(this.#open(), this.#head));
  }

  write(text: string): boolean {
    this.#keep(text);
    if (this.#wanted) this.#handOver();
    this.#waiting = this.#bufferedBytes >= HIGH_WATER_BYTES;
    return !this.#waiting;
  }

  end(text = ""): void {
    if (!this.#stream) {
      this.#respond(new Response(text === "" ? null : text, this.#head));
      this.#close();
      return;
    }
    this.#ended = true;
    this.#keep(text);
    if (this.#wanted) this.#handOver();
  }

  abort(): void {
    this.#leave(new Error("The connection was broken off."));
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener;
  }

  onClose(listener: () => void): void {
    void this.closed.then(listener);
  }

  /** Nothing more goes to the client: it has gone away, or is to go. */
  #leave(why?: Error): void {
    if (this.#isClosed) return;
    this.#close();
    if (!this.#stream) this.#respond(new Response(null, { status: CLIENT_CLOSED_REQUEST }));
    else if (why) this.#stream.error(why);
    else this.#stream.close();
  }

  #open(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#stream = controller;
        },
        pull: () => {
          this.#wanted = true;
          this.#handOver();
        },
        cancel: () => this.#close(),
      },
      { highWaterMark: 0 },
    );
  }

  #keep(text: string): void {
    if (text === "" || this.#isClosed) return;
    const piece = utf8.encode(text);
    this.#pieces.push(piece);
    this.#bufferedBytes += piece.length;
  }

  /** Gives the client that waits whatever there is. */
  #handOver(): void {
    if (this.#isClosed) return;
    const piece = this.#pieces.shift();
    if (piece) {
      this.#wanted = false;
      this.#bufferedBytes -= piece.length;
      this.#stream?.enqueue(piece);
    }
    // A reader that waits for several pieces has asked for the next one meanwhile, and got what there was.
    if (this.#isClosed || this.#pieces.length > 0) return;
    if (this.#ended) {
      this.#stream?.close();
      this.#close();
    } else if (this.#waiting) {
      this.#waiting = false;
      this.#onDrain();
    }
  }

  #close(): void {
    this.#isClosed = true;
    this.#pieces = [];
    this.#bufferedBytes = 0;
    this.#tellClosed();
  }
}
