import type { SessionRecord } from "@durable-mcp/contract";
import type { MemoryStream } from "./memory-stream.js";

/** One session: its record and its streams. */
export class MemorySession {
  readonly #streams = new Map<string, MemoryStream>();
  readonly #open = new Set<string>();
  readonly #ended = new Map<number, MemoryStream>();
  /** Ends are numbered; no stream that ended before this number is kept. */
  #firstEnd = 1;
  #lastEnd = 0;

  constructor(
    /** Position among all sessions ever created in this backend. */
    readonly number: number,
    /** Replaced as a whole, never changed in place. */
    public record: SessionRecord,
  ) {}

  /** Ids of the streams that have not ended, oldest first. */
  openStreams(): string[] {
    return [...this.#open];
  }

  streams(): Iterable<MemoryStream> {
    return this.#streams.values();
  }

  stream(id: string): MemoryStream | undefined {
    return this.#streams.get(id);
  }

  add(stream: MemoryStream): void {
    this.#streams.set(stream.id, stream);
    this.#open.add(stream.id);
  }

  end(stream: MemoryStream, nowMs: number): void {
    stream.endedAtMs = nowMs;
    this.#lastEnd += 1;
    stream.endNumber = this.#lastEnd;
    this.#open.delete(stream.id);
    this.#ended.set(stream.endNumber, stream);
  }

  /** The stream that ended first, if more than `most` ended ones are kept. */
  firstEndedBeyond(most: number): MemoryStream | undefined {
    if (this.#ended.size <= most) return undefined;
    while (!this.#ended.has(this.#firstEnd)) this.#firstEnd += 1;
    return this.#ended.get(this.#firstEnd);
  }

  forget(stream: MemoryStream): void {
    this.#streams.delete(stream.id);
    this.#open.delete(stream.id);
    this.#ended.delete(stream.endNumber);
  }
}
