import type { IncomingMessage } from "node:http";
import { type RawRequest, startRequest } from "./raw-http.js";
import { type SseEvent, SseReader } from "./sse-reader.js";

const DEADLINE_MS = 5_000;

/** One HTTP answer, followed event by event over a socket of its own which can be cut, and read slowly, at will. */
export class SseFollower {
  /** Everything the stream has brought so far, priming and `retry` alone included. */
  readonly events: SseEvent[] = [];
  /** The whole body, for answers that are no stream. */
  body = "";
  /** The answer is complete, or the connection was cut. */
  over = false;

  readonly #response: IncomingMessage;
  readonly #cut: () => void;
  readonly #waiting = new Set<() => void>();

  private constructor(response: IncomingMessage, cut: () => void) {
    this.#response = response;
    this.#cut = cut;
    const reader = new SseReader();
    const isStream = response.headers["content-type"] === "text/event-stream";
    response.setEncoding("utf8");
    response.on("data", (text: string) => {
      if (isStream) this.events.push(...reader.push(text));
      else this.body += text;
      this.#tell();
    });
    const end = () => {
      this.over = true;
      this.#tell();
    };
    response.on("end", end).on("close", end).on("error", end);
  }

  /** Sends the request and resolves with the head of its answer. */
  static async open(url: string, request: RawRequest): Promise<SseFollower> {
    const { response, cut } = startRequest(url, request);
    return new SseFollower(await response, cut);
  }

  get status(): number {
    return this.#response.statusCode ?? 0;
  }

  header(name: string): string | undefined {
    const value = this.#response.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  /** Payloads of the messages, in order. */
  get messages(): string[] {
    return this.events.map(({ data }) => data).filter((data) => data !== "");
  }

  /** The client's cursor: the id that came last. */
  get cursor(): string | undefined {
    return this.events.findLast(({ id }) => id !== undefined)?.id;
  }

  /** Waits until `count` messages have come. */
  async untilMessages(count: number): Promise<void> {
    await this.until(`${count} messages`, () => this.messages.length >= count);
  }

  /** Waits until the answer is complete. */
  async untilOver(deadlineMs = DEADLINE_MS): Promise<void> {
    await this.until("the end of the answer", () => this.over, deadlineMs);
  }

  /** Waits until the condition holds; it is looked at after each piece of the answer. */
  async until(what: string, condition: () => boolean, deadlineMs = DEADLINE_MS): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        const seen = this.events.map(({ id, data }) => `${id ?? "-"} ${data.slice(0, 80)}`).join("\n  ");
        reject(
          new Error(`Not within ${deadlineMs} ms: ${what}. Over: ${this.over}. Came:\n  ${seen}${this.body}`),
        );
      }, deadlineMs);
      this.#waiting.add(look);
    });
  }

  /** Destroys the socket; what was on its way is lost. */
  cut(): void {
    this.#cut();
  }

  pause(): void {
    this.#response.pause();
  }

  resume(): void {
    this.#response.resume();
  }

  #tell(): void {
    for (const look of [...this.#waiting]) look();
  }
}
