import type { ServerResponse } from "node:http";
import type { HttpResponse } from "@durable-mcp/core";

/** The endpoint's view of a native response. */
export class NodeResponse implements HttpResponse {
  readonly #response: ServerResponse;

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
    // The head of a stream goes out at once, together with what is written in the same turn.
    response.cork();
    response.flushHeaders();
    process.nextTick(() => response.uncork());
  }

  write(text: string): boolean {
    return this.#response.write(text);
  }

  end(text?: string): void {
    this.#response.end(text);
  }

  onDrain(listener: () => void): void {
    this.#response.on("drain", listener);
  }

  onClose(listener: () => void): void {
    if (this.#response.closed) queueMicrotask(listener);
    else this.#response.once("close", listener);
  }
}
