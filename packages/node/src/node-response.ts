import type { ServerResponse } from "node:http";
import type { HttpResponse } from "@durable-mcp/core";

/** The endpoint's view of a native response. What is written in one turn of the event loop goes out as one piece. */
export class NodeResponse implements HttpResponse {
  readonly #response: ServerResponse;
  #piece = "";
  #pieceBytes = 0;
  #flushing = false;
  /** The writer was told to wait, and must be told when to go on. */
  #waiting = false;
  #onDrain = () => {};

  constructor(response: ServerResponse) {
    this.#response = response;
    // A client that goes away while it is written to is no fault of this process.
    response.on("error", () => {});
    response.on("drain", () => this.#drained());
    // Its turn has come. What it holds goes out first.
    if (this.#isQueued) response.once("socket", () => process.nextTick(() => this.#drained()));
  }

  /** Whether it waits behind another answer, on a connection over which requests were sent ahead. */
  get #isQueued(): boolean {
    return this.#response.socket === null;
  }

  get begun(): boolean {
    return this.#response.headersSent;
  }

  get bufferedBytes(): number {
    return this.#response.writableLength + this.#pieceBytes;
  }

  begin(status: number, headers: Readonly<Record<string, string>>): void {
    const { vary, connection, ...own } = headers;
    // Other headers of a middleware give way to the endpoint's; this one adds to what it says.
    if (vary !== undefined) this.#response.appendHeader("vary", vary);
    // HTTP/2 has no header for it.
    const ends = connection !== undefined && this.#response.req.httpVersionMajor === 1;
    this.#response.writeHead(status, ends ? { ...own, connection } : own);
    // The head of a stream goes out at once; any other goes with its body.
    if (headers["content-type"] === "text/event-stream") this.#flushSoon();
  }

  write(text: string): boolean {
    this.#piece += text;
    this.#pieceBytes += Buffer.byteLength(text);
    this.#flushSoon();
    // What waits for its turn is held in memory: no more of it than its beginning (G7).
    this.#waiting = this.#isQueued || this.bufferedBytes >= this.#response.writableHighWaterMark;
    return !this.#waiting;
  }

  end(text = ""): void {
    this.#response.end(this.#takePiece() + text);
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener;
  }

  onClose(listener: () => void): void {
    onceClosed(this.#response, listener);
  }

  abort(): void {
    this.#response.req.socket.destroy();
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    const response = this.#response;
    if (response.writableEnded || response.destroyed) return;
    const piece = this.#takePiece();
    if (piece === "") response.flushHeaders();
    else if (response.write(piece) && !this.#isQueued) this.#drained();
  }

  #takePiece(): string {
    const piece = this.#piece;
    this.#piece = "";
    this.#pieceBytes = 0;
    return piece;
  }

  #drained(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.#onDrain();
  }
}

/** Calls back once, never at once, when the response is finished or its client has gone away, even before. */
export function onceClosed(response: ServerResponse, listener: () => void): void {
  const { socket } = response.req;
  if (response.closed || socket.destroyed) {
    queueMicrotask(listener);
    return;
  }
  const tell = () => {
    response.off("close", tell);
    socket.off("close", tell);
    listener();
  };
  response.once("close", tell);
  // A pipelined response that never got its turn is not told that its socket has closed.
  socket.once("close", tell);
}
