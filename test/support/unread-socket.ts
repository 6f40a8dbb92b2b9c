import { connect, type Socket } from "node:net";
import { type SseEvent, SseReader } from "./sse-reader.js";

/** An HTTP request whose answer nobody reads until `readAll`: the socket is not read from at all. */
export class UnreadSocket {
  readonly #socket: Socket;
  readonly #reader = new SseReader();
  readonly #events: SseEvent[] = [];
  #body: Chunks | undefined;
  #head = Buffer.alloc(0);
  #ended = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Sends the request. */
  static async open(
    url: string,
    method: string,
    headers: Readonly<Record<string, string>>,
    body?: unknown,
  ): Promise<UnreadSocket> {
    const { hostname, port, pathname, host } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.pause();
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve).once("error", reject);
    });
    const text = body === undefined ? "" : JSON.stringify(body);
    const lines = [
      `${method} ${pathname} HTTP/1.1`,
      `host: ${host}`,
      "connection: close",
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      ...(text === ""
        ? []
        : ["content-type: application/json", `content-length: ${Buffer.byteLength(text)}`]),
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\n${text}`);
    return new UnreadSocket(socket);
  }

  /** Starts reading, until the answer ends or `enough` is true of the events so far. */
  async readAll(
    enough: (events: readonly SseEvent[]) => boolean = () => false,
  ): Promise<readonly SseEvent[]> {
    await new Promise<void>((resolve) => {
      this.#socket.on("data", (bytes) => {
        this.#take(bytes);
        if (enough(this.#events)) resolve();
      });
      this.#socket.on("close", () => resolve());
      this.#socket.resume();
    });
    this.#ended = true;
    this.#socket.destroy();
    return this.#events;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    if (this.#ended) return;
    let body = bytes;
    if (!this.#body) {
      this.#head = Buffer.concat([this.#head, bytes]);
      const end = this.#head.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.#body = new Chunks();
      body = this.#head.subarray(end + 4);
    }
    const text = this.#body.push(body);
    if (text !== "") this.#events.push(...this.#reader.push(text));
  }
}

/** Undoes chunked transfer coding; the text is expected to be ASCII. */
class Chunks {
  #rest = "";
  /** Characters of the present chunk that have not come yet. */
  #missing = 0;

  push(bytes: Buffer): string {
    this.#rest += bytes.toString("latin1");
    let text = "";
    for (;;) {
      if (this.#missing > 0) {
        const piece = this.#rest.slice(0, this.#missing);
        text += piece;
        this.#missing -= piece.length;
        this.#rest = this.#rest.slice(piece.length);
        if (this.#missing > 0) return text;
      }
      // The end of the chunk before, if any, and the length of the next.
      const size = /^(?:\r\n)?([0-9a-f]+)\r\n/i.exec(this.#rest);
      if (!size?.[1]) return text;
      this.#missing = Number.parseInt(size[1], 16);
      this.#rest = this.#rest.slice(size[0].length);
      if (this.#missing === 0) return text;
    }
  }
}
