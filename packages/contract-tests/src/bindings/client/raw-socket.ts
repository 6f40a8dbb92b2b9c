import { connect, type Socket } from "node:net";
import { eventually } from "../../fixtures.js";
import { DEADLINE_MS } from "./answer.js";
import { parseAnswers, type RawAnswer } from "./raw-answers.js";

/** A connection on which bytes are written by hand. */
export class RawSocket {
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => this.#chunks.push(chunk));
    socket.on("error", () => {});
  }

  static async open(url: string): Promise<RawSocket> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new RawSocket(socket);
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  cut(): void {
    this.#socket.destroy();
  }

  /** Waits until a condition on what has come holds. */
  async until(what: string, condition: (bytes: Buffer) => boolean): Promise<void> {
    await eventually(what, () => condition(Buffer.concat(this.#chunks)), DEADLINE_MS);
  }

  /** Waits until the server has closed the connection. Returns: everything that came */
  async rest(): Promise<string> {
    await eventually("the end of the connection", () => this.#socket.closed, DEADLINE_MS);
    return Buffer.concat(this.#chunks).toString();
  }

  /** Waits for the whole answers to requests of these methods, in order. */
  async answers(...methods: readonly string[]): Promise<readonly RawAnswer[]> {
    const arrived = () => parseAnswers(Buffer.concat(this.#chunks), methods);
    await eventually(`${methods.length} answers`, () => arrived().length === methods.length, DEADLINE_MS);
    return arrived();
  }
}

/**
 * The bytes of a request with a JSON body, if any.
 *
 * Shapes:  headers: several values of one name go in lines of their own
 */
export function rawRequest(
  method: string,
  headers: Readonly<Record<string, string | readonly string[]>>,
  body?: unknown,
  { target = "/mcp", version = "1.1" } = {},
): string {
  const text = body === undefined ? "" : JSON.stringify(body);
  const all = Object.entries({
    host: "127.0.0.1",
    accept: "application/json, text/event-stream",
    ...(body === undefined
      ? {}
      : { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) }),
    ...headers,
  });
  const lines = all.flatMap(([name, values]) => [values].flat().map((value) => `${name}: ${value}\r\n`));
  return `${method} ${target} HTTP/${version}\r\n${lines.join("")}\r\n${text}`;
}
