import { Buffer } from "node:buffer";
import type { EventInput, ReadLimits, ReadResult, Retention, StoredEvent } from "@durable-mcp/contract";
import type { MemorySession } from "./memory-session.js";

/** An event to append and its payload's bytes, counted once. */
export interface SizedInput {
  readonly input: EventInput;
  readonly bytes: number;
}

interface KeptEvent {
  readonly event: StoredEvent;
  readonly bytes: number;
  readonly atMs: number;
}

/** Counts bytes as UTF-8, before anything is written. */
export function sized(inputs: readonly EventInput[]): SizedInput[] {
  return inputs.map((input) => ({ input, bytes: Buffer.byteLength(input.payload) }));
}

/**
 * One stream: its kept events under their offsets, and pointers that only ever move forward, so that appending and
 * trimming are O(1) on average. Knows the rules of retention, but neither the clock nor its session's other streams.
 */
export class MemoryStream {
  /** Offset of the newest event ever appended. */
  last = 0;
  /** Offset from which on the stream is kept without holes. */
  oldest = 1;
  /** When the stream ended; undefined while it has not. */
  endedAtMs: number | undefined;
  /** Position among the ends of its session's streams. */
  endNumber = 0;

  readonly #kept = new Map<number, KeptEvent>();
  readonly #finals = new Set<number>();
  #bytes = 0;
  /** No event before this offset is kept. */
  #first = 1;
  /** No event before this offset can be trimmed by count or bytes. */
  #trimmable = 1;

  constructor(
    readonly session: MemorySession,
    readonly id: string,
  ) {}

  get size(): number {
    return this.#kept.size;
  }

  append(inputs: readonly SizedInput[], fence: number, atMs: number): void {
    for (const { input, bytes } of inputs) {
      const { kind, payload, final = false } = input;
      this.last += 1;
      const event = Object.freeze({ offset: this.last, fence, kind, payload, final });
      this.#kept.set(this.last, { event, bytes, atMs });
      this.#bytes += bytes;
      if (final) this.#finals.add(this.last);
    }
  }

  /** Whether `inputs` have no room unless something is trimmed for them. */
  isFullFor(inputs: readonly SizedInput[], bounds: Retention): boolean {
    const bytes = inputs.reduce((sum, sized) => sum + sized.bytes, this.#bytes);
    if (this.#kept.size + inputs.length <= bounds.maxEvents && bytes <= bounds.maxBytes) return false;
    const trimsKept = inputs.length > 0 && this.#nextTrimmable(this.last + 1) !== undefined;
    return trimsKept || inputs.slice(0, -1).some(({ input }) => !input.final);
  }

  /** Removes the oldest events over the bounds; never a final one, never the newest. */
  trimToBounds(bounds: Retention): void {
    while (this.#kept.size > bounds.maxEvents || this.#bytes > bounds.maxBytes) {
      const offset = this.#nextTrimmable(this.last);
      if (offset === undefined) return;
      this.#remove(offset);
    }
  }

  /** Removes all events up to and including `upTo`. */
  trimUpTo(upTo: number): void {
    for (let kept = this.#oldestKept(); kept && kept.event.offset <= upTo; kept = this.#oldestKept()) {
      this.#remove(kept.event.offset);
    }
  }

  /** Removes all events written at `atMs` or before. */
  trimOlderThan(atMs: number): void {
    for (let kept = this.#oldestKept(); kept && kept.atMs <= atMs; kept = this.#oldestKept()) {
      this.#remove(kept.event.offset);
    }
  }

  /** The time that the stream's age is counted from; undefined while nothing of it ages. */
  agesFromMs(): number | undefined {
    return this.#oldestKept()?.atMs ?? this.endedAtMs;
  }

  read(after: number, limits: ReadLimits): ReadResult {
    if (after > this.last || (after < this.last && !this.#kept.has(after + 1))) {
      return { outcome: "gap", oldest: this.oldest };
    }
    const events: StoredEvent[] = [];
    let bytes = 0;
    for (let kept = this.#kept.get(after + 1); kept; kept = this.#kept.get(after + events.length + 1)) {
      bytes += kept.bytes;
      if (events.length === limits.events || (events.length > 0 && bytes > limits.bytes)) break;
      events.push(kept.event);
    }
    return {
      outcome: "page",
      events,
      ended: this.endedAtMs !== undefined && after + events.length === this.last,
    };
  }

  /** Removes the oldest events, up to the limits. Returns: those */
  take(limits: ReadLimits): StoredEvent[] {
    const events: StoredEvent[] = [];
    let bytes = 0;
    for (let kept = this.#oldestKept(); kept; kept = this.#oldestKept()) {
      bytes += kept.bytes;
      if (events.length === limits.events || (events.length > 0 && bytes > limits.bytes)) break;
      events.push(kept.event);
      this.#remove(kept.event.offset);
    }
    return events;
  }

  finals(): StoredEvent[] {
    return Array.from(this.#finals, (offset) => (this.#kept.get(offset) as KeptEvent).event);
  }

  #remove(offset: number): void {
    this.#bytes -= this.#kept.get(offset)?.bytes ?? 0;
    this.#kept.delete(offset);
    this.#finals.delete(offset);
    this.oldest = Math.max(this.oldest, offset + 1);
  }

  #oldestKept(): KeptEvent | undefined {
    while (this.#first <= this.last && !this.#kept.has(this.#first)) this.#first += 1;
    return this.#kept.get(this.#first);
  }

  #nextTrimmable(below: number): number | undefined {
    while (this.#trimmable < below && (this.#kept.get(this.#trimmable)?.event.final ?? true)) {
      this.#trimmable += 1;
    }
    return this.#trimmable < below ? this.#trimmable : undefined;
  }
}
