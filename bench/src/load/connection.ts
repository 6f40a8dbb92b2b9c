import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type HttpHead, HttpParser } from "./http-parser.js";
import { type SseEvent, SseParser } from "./sse-parser.js";

/** Longest silence in ms: a server that takes longer has lost the request. */
const SILENCE_MS = 60_000;

/** A whole answer: its events if it was an SSE stream, else its text. */
export interface HttpAnswer extends HttpHead {
  readonly events: readonly SseEvent[];
  readonly text: string;
}

/** Hears of an answer while it comes. */
export interface AnswerListener {
  readonly head?: (head: HttpHead) => void;
  readonly event?: (event: SseEvent) => void;
}

interface Exchange {
  readonly listener: AnswerListener;
  readonly events: SseEvent[];
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: Error) => void;
  head: HttpHead | undefined;
  sse: SseParser | undefined;
  text: string;
}

/** One kept-alive connection to a server: one request at a time. */
export class Connection {
  readonly #socket: Socket;
  #exchange: Exchange | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const parser = new HttpParser({
      head: (head) => this.#begin(head),
      body: (text) => this.#add(text),
      end: () => this.#finish(),
    });
    // Everything that the servers say in a run is ASCII.
    socket.setEncoding("latin1").setNoDelay(true);
    socket.on("data", (text) => parser.feed(String(text)));
    socket.on("error", (error) => this.#exchange?.reject(error));
    socket.on("close", () => this.#exchange?.reject(new Error("The server closed the connection.")));
    socket.setTimeout(SILENCE_MS, () => {
      this.#exchange?.reject(new Error(`The server has said nothing for ${SILENCE_MS} ms.`));
    });
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new Connection(socket);
  }

  static openSeveral(port: number, count: number): Promise<Connection[]> {
    return Promise.all(Array.from({ length: count }, () => Connection.open(port)));
  }

  /** Sends a request. Resolves when the answer is over. */
  exchange(request: string, listener: AnswerListener = {}): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      this.#exchange = { listener, events: [], resolve, reject, head: undefined, sse: undefined, text: "" };
      this.#socket.write(request);
    });
  }

  /** Sends a request whose answer may go on for ever. Resolves with the answer's head. */
  follow(request: string, onEvent: (event: SseEvent) => void = () => {}): Promise<HttpHead> {
    return new Promise((resolve, reject) => {
      this.exchange(request, { head: resolve, event: onEvent }).catch(reject);
    });
  }

  /** Hangs up, whatever is still to come. */
  close(): void {
    this.#exchange = undefined;
    this.#socket.destroy();
  }

  #begin(head: HttpHead): void {
    const exchange = this.#exchange;
    if (!exchange) return;
    exchange.head = head;
    if (head.headers.get("content-type")?.startsWith("text/event-stream")) {
      exchange.sse = new SseParser((event) => {
        exchange.events.push(event);
        exchange.listener.event?.(event);
      });
    }
    exchange.listener.head?.(head);
  }

  #add(text: string): void {
    const exchange = this.#exchange;
    if (exchange?.sse) exchange.sse.feed(text);
    else if (exchange) exchange.text += text;
  }

  #finish(): void {
    const exchange = this.#exchange;
    if (!exchange?.head) return;
    this.#exchange = undefined;
    const { head, events, text } = exchange;
    exchange.resolve({ ...head, events, text });
  }
}
