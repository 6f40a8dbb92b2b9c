import type { Retention } from "@durable-mcp/contract";
import { type EventTable, type EventValues, isFinal } from "./event-table.js";
import type { RowBudget, StreamPurge } from "./stream-purge.js";
import type { StreamRow, StreamState, StreamTable } from "./stream-table.js";

/** Forgotten streams with no more events than this are deleted at once; the events of others by the sweep. */
const MAX_DELETED_AT_ONCE = 256;

/** So many streams must have ended before those that are forgotten are deleted. */
const ENDS_PER_DELETION = 32;

interface Look {
  /** The newest offset past its age; 0 if there is none. */
  readonly agedUpTo: number;
  /** Time of the oldest event that is not; null if there is none. */
  readonly oldestAtMs: number | null;
  /** Whether all events that are past their age were looked at. */
  readonly isAll: boolean;
}

/** The rules of retention (G7, G2). Every method is part of a transaction of its caller's, or only reads. */
export class StreamRetention {
  readonly #bounds: Retention;
  readonly #streams: StreamTable;
  readonly #events: EventTable;
  readonly #purge: StreamPurge;

  constructor(bounds: Retention, streams: StreamTable, events: EventTable, purge: StreamPurge) {
    this.#bounds = bounds;
    this.#streams = streams;
    this.#events = events;
    this.#purge = purge;
  }

  /** The newest time that is past its age. */
  agedUntilMs(nowMs: number): number {
    return nowMs - this.#bounds.maxAgeMs;
  }

  /** Whether `added` have no room unless something is trimmed for them. */
  isFullFor(stream: StreamRow | undefined, added: readonly EventValues[]): boolean {
    const bytes = added.reduce((sum, event) => sum + event.bytes, stream?.bytes ?? 0);
    const events = (stream?.events ?? 0) + added.length;
    if (events <= this.#bounds.maxEvents && bytes <= this.#bounds.maxBytes) return false;
    if (added.slice(0, -1).some((event) => !isFinal(event))) return true;
    if (!stream || added.length === 0) return false;
    for (const event of this.#events.trimmable(stream.id, stream.trimmable, stream.last + 1)) {
      if (!isFinal(event)) return true;
    }
    return false;
  }

  /** Removes the oldest events over the bounds; never a final one, never the newest. Returns: the state it leaves */
  trimToBounds(id: number, state: StreamState): StreamState {
    const { maxEvents, maxBytes } = this.#bounds;
    let { events, bytes, trimmable, oldest } = state;
    if (events <= maxEvents && bytes <= maxBytes) return state;
    for (const event of this.#events.trimmable(id, state.trimmable, state.last)) {
      if (events <= maxEvents && bytes <= maxBytes) break;
      trimmable = event.offset + 1;
      if (isFinal(event)) continue;
      events -= 1;
      bytes -= event.bytes;
      oldest = trimmable;
    }
    if (events !== state.events) this.#events.deleteTrimmable(id, state.trimmable, oldest - 1);
    return { ...state, events, bytes, trimmable, oldest };
  }

  /** Removes the events up to and including `upTo`. */
  trimUpTo(stream: StreamRow, upTo: number): void {
    const state = this.#deleteUpTo(stream, upTo);
    if (state !== stream) this.#streams.update(stream, state);
  }

  /**
   * Whether the stream is to be seen no more, although its rows may still be there: it ended longer ago than events
   * are kept, or enough others have ended since.
   */
  isForgotten(stream: StreamRow, nowMs: number): boolean {
    if (stream.endedAtMs === null || stream.endNumber === null) return false;
    return (
      stream.endedAtMs <= this.agedUntilMs(nowMs) ||
      stream.endNumber <= this.#streams.lastEnd(stream.session) - this.#bounds.maxEndedStreams
    );
  }

  /** Offset of the newest event that is past its age, whether or not it was removed yet; 0 if none is. */
  agedUpTo(stream: StreamRow, nowMs: number): number {
    const untilMs = this.agedUntilMs(nowMs);
    return mayHaveAged(stream, untilMs) ? this.#look(stream, untilMs).agedUpTo : 0;
  }

  /**
   * Removes what is past its age, and the stream itself if it is forgotten. What the budget does not cover is left for
   * another time; the budget is then spent.
   *
   * Returns: the stream as it is then; undefined if it is forgotten
   */
  age(stream: StreamRow, nowMs: number, budget: RowBudget = { left: Infinity }): StreamRow | undefined {
    if (this.isForgotten(stream, nowMs)) {
      this.#forget(stream);
      budget.left -= MAX_DELETED_AT_ONCE;
      return undefined;
    }
    const untilMs = this.agedUntilMs(nowMs);
    if (!mayHaveAged(stream, untilMs)) return stream;
    const { agedUpTo, oldestAtMs, isAll } = this.#look(stream, untilMs, budget.left);
    const state = this.#deleteUpTo(stream, agedUpTo);
    const aged = isAll ? { ...state, agesFromMs: oldestAtMs ?? stream.endedAtMs } : state;
    this.#streams.update(stream, aged);
    budget.left = isAll ? budget.left - (stream.events - state.events) - 1 : 0;
    return aged;
  }

  /** Deletes streams that others' ends have pushed out: now and then many, which touches few more pages than one. */
  afterEnd(session: number, endNumber: number): void {
    const forgottenUpTo = endNumber - this.#bounds.maxEndedStreams;
    if (forgottenUpTo <= 0 || endNumber % ENDS_PER_DELETION !== 0) return;
    const streams = this.#streams.endedUpTo(session, forgottenUpTo, 2 * ENDS_PER_DELETION);
    for (const stream of streams) this.#forget(stream);
  }

  #forget(stream: { readonly id: number; readonly events: number }): void {
    if (!this.#purge.stream(stream, { left: MAX_DELETED_AT_ONCE })) this.#streams.setForgotten(stream.id);
  }

  /** Looks at no more than `most` events. */
  #look(stream: StreamRow, untilMs: number, most = Infinity): Look {
    let agedUpTo = 0;
    let seen = 0;
    for (const [offset, atMs] of this.#events.ages(stream.id)) {
      if (atMs > untilMs) return { agedUpTo, oldestAtMs: atMs, isAll: true };
      if (seen === most) return { agedUpTo, oldestAtMs: null, isAll: false };
      agedUpTo = offset;
      seen += 1;
    }
    return { agedUpTo, oldestAtMs: null, isAll: true };
  }

  #deleteUpTo(stream: StreamRow, upTo: number): StreamRow {
    const deleted = this.#events.deleteUpTo(stream.id, upTo);
    if (deleted.events === 0) return stream;
    const oldest = Math.max(stream.oldest, Math.min(upTo, stream.last) + 1);
    return {
      ...stream,
      events: stream.events - deleted.events,
      bytes: stream.bytes - deleted.bytes,
      oldest,
      trimmable: Math.max(stream.trimmable, oldest),
    };
  }
}

function mayHaveAged(stream: StreamRow, untilMs: number): boolean {
  return stream.agesFromMs !== null && stream.agesFromMs <= untilMs;
}
