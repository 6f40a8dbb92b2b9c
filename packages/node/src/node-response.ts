import type { ServerResponse } from "node:http";
import type { HttpResponse } from "@durable-mcp/core";

/** The endpoint's view of a native response. */
export class NodeResponse implements HttpResponse {
  readonly #response: ServerResponse;
  #corked = false;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get begun(): boolean {
    return this.#response.headersSent;
  }

  get bufferedBytes(): number {
    return this.#response.writableLength;
  }

  begin(status: number, headers: Readonly<Record<string, string>>): void {
    const response = this.#response;
    response.writeHead(status, headers);
    if (headers["content-type"] !== "text/event-stream") return;
    this.#corkThisTurn();
    response.flushHeaders();
  }

  write(text: string): boolean {
    this.#corkThisTurn();
    return this.#response.write(text);
  }

  end(text?: string): void {
    this.#response.end(text);
  }

  /** What is written in one turn of the event loop goes out together. */
  #corkThisTurn(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#response.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#response.uncork();
    });
  }

  onDrain(listener: () => void): void {
    this.#response.on("drain", listener);
  }

  onClose(listener: () => void): void {
    const response = this.#response;
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
}
