import { Buffer } from "node:buffer";
import type { EventInput, ReadLimits, StoredEvent } from "@durable-mcp/contract";
import type { Database, Statement } from "better-sqlite3";
import { fromStored, type StoredText, toStored } from "./stored-text.js";

/** An event as it goes into its row. */
export interface EventValues {
  readonly flags: number;
  readonly bytes: number;
  readonly payload: StoredText;
}

const CONTROL = 1;
const FINAL = 2;

/** Counts bytes as UTF-8, and copies the events, before anything waits. */
export function toValues(events: readonly EventInput[]): EventValues[] {
  return events.map(({ kind, payload, final }) => ({
    flags: (kind === "control" ? CONTROL : 0) | (final ? FINAL : 0),
    bytes: Buffer.byteLength(payload),
    payload: toStored(payload),
  }));
}

export function isFinal({ flags }: { readonly flags: number }): boolean {
  return (flags & FINAL) !== 0;
}

type PageRow = [offset: number, fence: number, flags: number, bytes: number, payload: StoredText];

/** The rows of the events. Knows nothing of the streams' own rows, whose counters its callers keep. */
export class EventTable {
  readonly #insert: Statement<[number, number, number, number, number, number, StoredText]>;
  readonly #page: Statement<[number, number], PageRow>;
  readonly #finals: Statement<[number], PageRow>;
  readonly #trimmable: Statement<[number, number, number], { offset: number; flags: number; bytes: number }>;
  readonly #ages: Statement<[number], [offset: number, at: number]>;
  readonly #sums: Statement<[number, number], { events: number; bytes: number }>;
  readonly #deleteUpTo: Statement<[number, number]>;
  readonly #deleteTrimmable: Statement<[number, number, number]>;
  readonly #deleteOldest: Statement<[number, number, number]>;
  readonly #deleteAll: Statement<[number]>;

  constructor(db: Database) {
    const columns = "offset, fence, flags, bytes, payload";
    this.#insert = db.prepare("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)");
    this.#page = db
      .prepare<[number, number], PageRow>(
        `SELECT ${columns} FROM events WHERE stream = ? AND offset > ? ORDER BY offset`,
      )
      .raw();
    this.#finals = db
      .prepare<[number], PageRow>(
        `SELECT ${columns} FROM events WHERE stream = ? AND flags & ${FINAL} ORDER BY offset`,
      )
      .raw();
    this.#trimmable = db.prepare(
      "SELECT offset, flags, bytes FROM events WHERE stream = ? AND offset >= ? AND offset < ? ORDER BY offset",
    );
    this.#ages = db
      .prepare<[number], [number, number]>("SELECT offset, at FROM events WHERE stream = ? ORDER BY offset")
      .raw();
    this.#sums = db.prepare(
      "SELECT count(*) AS events, coalesce(sum(bytes), 0) AS bytes FROM events WHERE stream = ? AND offset <= ?",
    );
    this.#deleteUpTo = db.prepare("DELETE FROM events WHERE stream = ? AND offset <= ?");
    this.#deleteTrimmable = db.prepare(
      `DELETE FROM events WHERE stream = ? AND offset BETWEEN ? AND ? AND NOT flags & ${FINAL}`,
    );
    this.#deleteOldest = db.prepare(
      `DELETE FROM events WHERE stream = ?
         AND offset <= (SELECT offset FROM events WHERE stream = ? ORDER BY offset LIMIT 1 OFFSET ?)`,
    );
    this.#deleteAll = db.prepare("DELETE FROM events WHERE stream = ?");
  }

  /** Shapes:  first: offset of the first of them */
  insert(stream: number, first: number, atMs: number, fence: number, events: readonly EventValues[]): void {
    let offset = first;
    for (const { flags, bytes, payload } of events) {
      this.#insert.run(stream, offset, atMs, fence, flags, bytes, payload);
      offset += 1;
    }
  }

  /** The events after `after` up to the limits or the first hole. */
  page(stream: number, after: number, limits: ReadLimits): StoredEvent[] {
    return this.#within(limits, stream, after, (offset, read) => offset === after + read + 1);
  }

  /** The oldest events up to the limits, whatever holes there are between them. */
  oldest(stream: number, limits: ReadLimits): StoredEvent[] {
    return this.#within(limits, stream, 0, () => true);
  }

  #within(
    limits: ReadLimits,
    stream: number,
    after: number,
    follows: (offset: number, read: number) => boolean,
  ): StoredEvent[] {
    const events: StoredEvent[] = [];
    let bytes = 0;
    for (const row of this.#page.iterate(stream, after)) {
      bytes += row[3];
      const isOver = events.length === limits.events || (events.length > 0 && bytes > limits.bytes);
      if (isOver || !follows(row[0], events.length)) break;
      events.push(toEvent(row));
    }
    return events;
  }

  finals(stream: number): StoredEvent[] {
    return this.#finals.all(stream).map(toEvent);
  }

  /** The events in [from, below) that trimming by count and bytes looks at, oldest first, final ones among them. */
  trimmable(
    stream: number,
    from: number,
    below: number,
  ): Iterable<{ offset: number; flags: number; bytes: number }> {
    return this.#trimmable.iterate(stream, from, below);
  }

  /** Offset and time of the kept events, oldest first. */
  ages(stream: number): Iterable<[offset: number, at: number]> {
    return this.#ages.iterate(stream);
  }

  /** Returns: how many events were deleted, and how many bytes */
  deleteUpTo(stream: number, upTo: number): { events: number; bytes: number } {
    const sums = this.#sums.get(stream, upTo) ?? { events: 0, bytes: 0 };
    if (sums.events > 0) this.#deleteUpTo.run(stream, upTo);
    return sums;
  }

  /** Deletes the events in [from, upTo] that are not final. */
  deleteTrimmable(stream: number, from: number, upTo: number): void {
    this.#deleteTrimmable.run(stream, from, upTo);
  }

  /** Deletes the `count` oldest events of at least as many. */
  deleteOldest(stream: number, count: number): void {
    this.#deleteOldest.run(stream, stream, count - 1);
  }

  deleteAll(stream: number): void {
    this.#deleteAll.run(stream);
  }
}

function toEvent([offset, fence, flags, , payload]: PageRow): StoredEvent {
  return {
    offset,
    fence,
    kind: (flags & CONTROL) !== 0 ? "control" : "message",
    payload: fromStored(payload),
    final: (flags & FINAL) !== 0,
  };
}
