import type { StreamKey } from "@durable-mcp/contract";
import type { Database, Statement } from "better-sqlite3";
import { fromStored, type StoredText, toStored } from "./stored-text.js";

/** Before every time there is: what is due at this time is due at once. */
export const DUE_AT_ONCE = Number.MIN_SAFE_INTEGER;

/** The pseudo session that forgotten streams belong to while their events are being deleted. */
export const FORGOTTEN = 0;

/** What changes in a stream's row. */
export interface StreamState {
  /** Offset of the newest event ever appended. */
  readonly last: number;
  /** From here on the events are kept without holes. */
  readonly oldest: number;
  /** No event before this one can be trimmed by count or bytes. */
  readonly trimmable: number;
  /** Events kept. */
  readonly events: number;
  /** Payload bytes kept. */
  readonly bytes: number;
  /** When the stream ended; null while it has not. */
  readonly endedAtMs: number | null;
  /** Position among the ends of the session's streams; null while it has not ended. */
  readonly endNumber: number | null;
  /** Nothing of the stream is older than this, though maybe everything is younger; null: nothing of it ages. */
  readonly agesFromMs: number | null;
}

/** A stream's row. */
export interface StreamRow extends StreamState {
  readonly id: number;
  readonly session: number;
}

/** A live session, and one of its streams if there is such a one. */
export interface Place {
  readonly session: number;
  readonly fence: number;
  readonly stream: StreamRow | undefined;
}

type StateValues = [number, number, number, number, number, number | null, number | null, number | null];
type StateColumns = [...StateValues];

const STATE = "last, oldest, trimmable, events, bytes, ended_at, end_number, ages_from";

/** The rows of the streams. */
export class StreamTable {
  readonly #find: Statement<
    [StoredText, StoredText, number],
    [number, number, number | null, ...StateColumns]
  >;
  readonly #insert: Statement<[number, StoredText, ...StateValues]>;
  readonly #update: Statement<[...StateValues, number]>;
  readonly #updateCounters: Statement<[number, number, number, number, number, number]>;
  readonly #open: Statement<[number], StoredText>;
  readonly #lastEnd: Statement<[number], number | null>;
  readonly #endedUpTo: Statement<[number, number, number], { id: number; events: number }>;
  readonly #ofSession: Statement<[number, number], { id: number; events: number }>;
  readonly #aged: Statement<[number, number], [number, number, ...StateColumns]>;
  readonly #setEvents: Statement<[number, number]>;
  readonly #setForgotten: Statement<[number]>;
  readonly #delete: Statement<[number]>;

  constructor(db: Database) {
    const state = STATE.replaceAll(/\w+/g, "t.$&");
    this.#find = db
      .prepare<[StoredText, StoredText, number], [number, number, number | null, ...StateColumns]>(
        `SELECT s.pk, s.fence, t.id, ${state} FROM sessions s
           LEFT JOIN streams t ON t.session = s.pk AND t.name = ?
           WHERE s.id = ? AND s.expires_at > ?`,
      )
      .raw();
    this.#insert = db.prepare(
      `INSERT INTO streams (session, name, ${STATE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#update = db.prepare(`UPDATE streams SET ${STATE.replaceAll(/\w+/g, "$& = ?")} WHERE id = ?`);
    this.#updateCounters = db.prepare(
      "UPDATE streams SET last = ?, oldest = ?, trimmable = ?, events = ?, bytes = ? WHERE id = ?",
    );
    this.#open = db
      .prepare<[number], StoredText>(
        "SELECT name FROM streams WHERE session = ? AND ended_at IS NULL ORDER BY id",
      )
      .pluck();
    this.#lastEnd = db
      .prepare<[number], number | null>(
        "SELECT max(end_number) FROM streams WHERE session = ? AND end_number IS NOT NULL",
      )
      .pluck();
    this.#endedUpTo = db.prepare(
      "SELECT id, events FROM streams WHERE session = ? AND end_number <= ? ORDER BY end_number LIMIT ?",
    );
    this.#ofSession = db.prepare("SELECT id, events FROM streams WHERE session = ? LIMIT ?");
    this.#aged = db
      .prepare<[number, number], [number, number, ...StateColumns]>(
        `SELECT id, session, ${STATE} FROM streams WHERE ages_from <= ? ORDER BY ages_from LIMIT ?`,
      )
      .raw();
    this.#setEvents = db.prepare("UPDATE streams SET events = ? WHERE id = ?");
    this.#setForgotten = db.prepare(
      `UPDATE streams SET session = ${FORGOTTEN}, name = NULL, end_number = NULL, ages_from = ${DUE_AT_ONCE}
         WHERE id = ?`,
    );
    this.#delete = db.prepare("DELETE FROM streams WHERE id = ?");
  }

  /** Returns: undefined if the session does not exist or has expired */
  find({ sessionId, streamId }: StreamKey, nowMs: number): Place | undefined {
    const row = this.#find.get(toStored(streamId), toStored(sessionId), nowMs);
    if (!row) return undefined;
    const [session, fence, id, ...state] = row;
    return { session, fence, stream: id === null ? undefined : toRow(id, session, state) };
  }

  /** Returns: the new stream's id */
  insert(session: number, streamId: string, state: StreamState): number {
    return Number(this.#insert.run(session, toStored(streamId), ...toValues(state)).lastInsertRowid);
  }

  update(before: StreamRow, state: StreamState): void {
    // SQLite writes the index of every column that is named, changed or not.
    if (before.endNumber === state.endNumber && before.agesFromMs === state.agesFromMs) {
      const { last, oldest, trimmable, events, bytes } = state;
      this.#updateCounters.run(last, oldest, trimmable, events, bytes, before.id);
    } else {
      this.#update.run(...toValues(state), before.id);
    }
  }

  /** Ids of the streams that have not ended, oldest first. */
  open(session: number): string[] {
    return this.#open.all(session).map(fromStored);
  }

  /** The highest end number of the session's streams; 0 if none has ended. */
  lastEnd(session: number): number {
    return this.#lastEnd.get(session) ?? 0;
  }

  /** The streams that ended first, none with an end number over `endNumber`. */
  endedUpTo(session: number, endNumber: number, limit: number): { id: number; events: number }[] {
    return this.#endedUpTo.all(session, endNumber, limit);
  }

  ofSession(session: number, limit: number): { id: number; events: number }[] {
    return this.#ofSession.all(session, limit);
  }

  /** The streams of which something may be as old as `untilMs`, oldest first. */
  aged(untilMs: number, limit: number): StreamRow[] {
    return this.#aged.all(untilMs, limit).map(([id, session, ...state]) => toRow(id, session, state));
  }

  setEvents(id: number, events: number): void {
    this.#setEvents.run(events, id);
  }

  /** Takes the stream out of its session, and leaves the rest to the sweep. */
  setForgotten(id: number): void {
    this.#setForgotten.run(id);
  }

  delete(id: number): void {
    this.#delete.run(id);
  }
}

function toValues(state: StreamState): StateValues {
  return [
    state.last,
    state.oldest,
    state.trimmable,
    state.events,
    state.bytes,
    state.endedAtMs,
    state.endNumber,
    state.agesFromMs,
  ];
}

function toRow(id: number, session: number, columns: StateColumns): StreamRow {
  const [last, oldest, trimmable, events, bytes, endedAtMs, endNumber, agesFromMs] = columns;
  return { id, session, last, oldest, trimmable, events, bytes, endedAtMs, endNumber, agesFromMs };
}
