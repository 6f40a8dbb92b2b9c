import type { IncomingMessage } from "node:http";
import { eventually } from "../../fixtures.js";
import { type SseEvent, SseReader } from "./sse-reader.js";

/** How long a case waits for what should come at once, in ms. */
export const DEADLINE_MS = 5_000;

/** A JSON-RPC message, as it came. */
export interface WireMessage {
  readonly jsonrpc?: unknown;
  readonly id?: string | number | null;
  readonly method?: string;
  // biome-ignore lint/suspicious/noExplicitAny: cases look into whatever the server sent
  readonly params?: any;
  // biome-ignore lint/suspicious/noExplicitAny: cases look into whatever the server sent
  readonly result?: any;
  readonly error?: { readonly code: number; readonly message: string };
}

/** One HTTP answer, followed over a connection that can be cut, and read late, at will. */
export class Answer {
  /** Everything that a stream has brought so far, priming and `retry` alone included. */
  readonly events: SseEvent[] = [];
  /** Nothing more will come. */
  isOver = false;
  /** It ended as HTTP has answers end, and was not broken off. */
  isComplete = false;

  readonly #response: IncomingMessage;
  readonly #reader = new SseReader();
  readonly #chunks: Buffer[] = [];
  readonly #decoder = new TextDecoder();
  readonly cut: () => void;

  constructor(response: IncomingMessage, cut: () => void) {
    this.#response = response;
    this.cut = cut;
    const over = () => {
      this.isOver = true;
    };
    response.on("close", over).on("error", over);
    response.on("end", () => {
      this.isComplete = response.complete;
      over();
    });
  }

  /** Starts reading. Until then not even the operating system's buffers are emptied. */
  read(): this {
    this.#response.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      if (this.isStream)
        this.events.push(...this.#reader.push(this.#decoder.decode(chunk, { stream: true })));
    });
    return this;
  }

  get status(): number {
    return this.#response.statusCode ?? 0;
  }

  /** A header's value; `name` in lower case. */
  header(name: string): string | undefined {
    const value = this.#response.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  get headerNames(): readonly string[] {
    return Object.keys(this.#response.headers);
  }

  get isStream(): boolean {
    return this.header("content-type")?.startsWith("text/event-stream") ?? false;
  }

  /** The body so far. */
  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  /** The stream's messages so far; of another answer, its body. */
  get messages(): readonly WireMessage[] {
    if (!this.isStream) return [JSON.parse(this.text)].flat();
    return this.events.flatMap(({ data }) => (data === "" ? [] : [JSON.parse(data)]));
  }

  /** The same in short: the data of notifications, the text of results, "error" and the code of errors. */
  get said(): readonly string[] {
    return this.messages.map(
      ({ params, result, error }) =>
        params?.data ??
        result?.content?.[0]?.text ??
        (error ? `error ${error.code}` : JSON.stringify(result)),
    );
  }

  get comments(): readonly string[] {
    return this.#reader.comments;
  }

  /** The client's cursor: the id that came last. */
  get cursor(): string | undefined {
    return this.events.findLast(({ id }) => id !== undefined)?.id;
  }

  /** Waits until so many messages have come. */
  async untilMessages(count: number): Promise<void> {
    const arrived = () => this.events.filter(({ data }) => data !== "").length;
    await this.until(`${count} messages`, () => arrived() >= count);
  }

  /** Waits until nothing more will come. */
  async untilOver(): Promise<this> {
    await this.until("the end of the answer", () => this.isOver);
    return this;
  }

  /** Waits until a condition holds. */
  async until(what: string, condition: () => boolean): Promise<void> {
    const { method, path } = (this.#response as { req?: { method: string; path: string } }).req ?? {};
    await eventually(`${what} (${method} ${path}: ${this.status})`, condition, DEADLINE_MS);
  }
}
