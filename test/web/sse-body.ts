import { type SseEvent, SseReader } from "../support/sse-reader.js";

/** The events of a body that has been read to its end. */
export function eventsIn(body: string): readonly SseEvent[] {
  return new SseReader().push(body);
}

/** What the notifications and results of a body say, in order. */
export function saidIn(body: string): readonly string[] {
  return eventsIn(body)
    .filter(({ data }) => data !== "")
    .map(({ data }) => {
      const { params, result, error } = JSON.parse(data);
      return params?.data ?? result?.content?.[0]?.text ?? `error ${error?.code}`;
    });
}

/** The id that came last. */
export function cursorOf(body: string): string {
  return eventsIn(body).findLast(({ id }) => id !== undefined)?.id ?? "";
}

/** Reads a body piece by piece, as far as it is told to. */
export class BodyReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  text = "";
  done = false;

  constructor(response: Response) {
    this.#reader = (response.body as ReadableStream<Uint8Array>).getReader();
  }

  /** Reads one piece. */
  async read(): Promise<void> {
    const { value, done } = await this.#reader.read();
    this.text += this.#decoder.decode(value, { stream: !done });
    this.done ||= done;
  }

  /** Reads until something has been said, or to the end. */
  async until(said: string): Promise<void> {
    while (!this.done && !this.text.includes(said)) await this.read();
  }

  async toEnd(): Promise<string> {
    while (!this.done) await this.read();
    return this.text;
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}
