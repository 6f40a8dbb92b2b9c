import type { JsonObject, SessionRecord } from "@durable-mcp/contract";
import type { Database, Statement } from "better-sqlite3";
import { fromStored, type StoredText, toStored } from "./stored-text.js";
import { DUE_AT_ONCE } from "./stream-table.js";

interface Columns {
  pk: number;
  id: StoredText;
  principal: StoredText;
  node_id: StoredText;
  fence: number;
  version: number;
  created_at: number;
  expires_at: number;
  shape: string;
  state: string;
}

/** A session's record, and its row's number: later sessions have higher ones. */
export interface SessionRow {
  readonly pk: number;
  readonly record: SessionRecord;
}

/** What is needed to remove a session. */
export interface RemovableSession {
  readonly pk: number;
  /** Null for one that was retired before. */
  readonly id: string | null;
  readonly principal: string;
}

/** The JSON members of a session as text; null for one that is not there. */
export interface JsonValues {
  readonly shape: string | null;
  readonly state: string | null;
}

/** Copies the members, before anything waits. */
export function toJsonValues(members: {
  readonly shape?: JsonObject;
  readonly state?: JsonObject;
}): JsonValues {
  const toText = (member: JsonObject | undefined) => (member === undefined ? null : JSON.stringify(member));
  return { shape: toText(members.shape), state: toText(members.state) };
}

function fromJsonValues({ shape, state }: JsonValues): { shape?: JsonObject; state?: JsonObject } {
  return {
    ...(shape !== null && { shape: JSON.parse(shape) as JsonObject }),
    ...(state !== null && { state: JSON.parse(state) as JsonObject }),
  };
}

/** The rows of the sessions. */
export class SessionTable {
  readonly #get: Statement<[StoredText, number], Columns>;
  readonly #insert: Statement<unknown[]>;
  readonly #replace: Statement<[string | null, string | null, number]>;
  readonly #touch: Statement<[number, StoredText, number]>;
  readonly #setOwner: Statement<[number, StoredText, number]>;
  readonly #list: Statement<[StoredText, number, number, number], Columns>;
  readonly #expired: Statement<
    [number, number],
    Pick<Columns, "pk" | "principal"> & { id: StoredText | null }
  >;
  readonly #expiredUnder: Statement<[StoredText, number], { pk: number; principal: StoredText }>;
  readonly #retire: Statement<[number]>;
  readonly #delete: Statement<[number]>;

  constructor(db: Database) {
    const columns = "pk, id, principal, node_id, fence, version, created_at, expires_at, shape, state";
    this.#get = db.prepare(`SELECT ${columns} FROM sessions WHERE id = ? AND expires_at > ?`);
    this.#insert = db.prepare(
      `INSERT INTO sessions (id, principal, node_id, fence, version, created_at, expires_at, shape, state)
         VALUES (?, ?, ?, 1, 1, ?, ?, ?, ?)`,
    );
    this.#replace = db.prepare(
      `UPDATE sessions SET version = version + 1, shape = coalesce(?, shape), state = coalesce(?, state)
         WHERE pk = ?`,
    );
    this.#touch = db.prepare(
      "UPDATE sessions SET expires_at = max(expires_at, ?) WHERE id = ? AND expires_at > ?",
    );
    this.#setOwner = db.prepare("UPDATE sessions SET fence = ?, node_id = ? WHERE pk = ?");
    this.#list = db.prepare(
      `SELECT ${columns} FROM sessions WHERE principal = ? AND pk < ? AND expires_at > ?
         ORDER BY pk DESC LIMIT ?`,
    );
    this.#expired = db.prepare(
      "SELECT pk, id, principal FROM sessions WHERE expires_at <= ? ORDER BY expires_at LIMIT ?",
    );
    this.#expiredUnder = db.prepare("SELECT pk, principal FROM sessions WHERE id = ? AND expires_at <= ?");
    this.#retire = db.prepare(
      `UPDATE sessions SET id = NULL, expires_at = ${DUE_AT_ONCE}, shape = '', state = '' WHERE pk = ?`,
    );
    this.#delete = db.prepare("DELETE FROM sessions WHERE pk = ?");
  }

  /** The live session of that id. */
  get(id: string, nowMs: number): SessionRow | undefined {
    const columns = this.#get.get(toStored(id), nowMs);
    return columns && toRow(columns);
  }

  /** Writes a session's first version, under its first fence. Returns: its record */
  insert(
    { id, principal, nodeId }: Pick<SessionRecord, "id" | "principal" | "nodeId">,
    json: JsonValues,
    createdAtMs: number,
    expiresAtMs: number,
  ): SessionRecord {
    const names = [toStored(id), toStored(principal), toStored(nodeId)];
    this.#insert.run(...names, createdAtMs, expiresAtMs, json.shape, json.state);
    const empty = { shape: {}, state: {} };
    const numbers = { fence: 1, version: 1, createdAtMs, expiresAtMs };
    return { id, principal, nodeId, ...numbers, ...empty, ...fromJsonValues(json) };
  }

  /** Writes the session's next version. Returns: its record */
  replace({ pk, record }: SessionRow, json: JsonValues): SessionRecord {
    this.#replace.run(json.shape, json.state, pk);
    return { ...record, version: record.version + 1, ...fromJsonValues(json) };
  }

  /** Returns: whether there is such a live session */
  touch(id: string, expiresAtMs: number, nowMs: number): boolean {
    return this.#touch.run(expiresAtMs, toStored(id), nowMs).changes > 0;
  }

  /** Returns: the session's record */
  setOwner({ pk, record }: SessionRow, fence: number, nodeId: string): SessionRecord {
    this.#setOwner.run(fence, toStored(nodeId), pk);
    return { ...record, fence, nodeId };
  }

  /** The principal's live sessions with numbers below `below`, newest first. */
  list(principal: string, below: number, nowMs: number, limit: number): SessionRow[] {
    return this.#list.all(toStored(principal), below, nowMs, limit).map(toRow);
  }

  /** Expired and retired sessions, those that were due first before others. */
  expired(nowMs: number, limit: number): RemovableSession[] {
    return this.#expired.all(nowMs, limit).map(({ pk, id, principal }) => ({
      pk,
      id: id === null ? null : fromStored(id),
      principal: fromStored(principal),
    }));
  }

  /** The expired session that still stands under an id. */
  expiredUnder(id: string, nowMs: number): RemovableSession | undefined {
    const row = this.#expiredUnder.get(toStored(id), nowMs);
    return row && { pk: row.pk, id, principal: fromStored(row.principal) };
  }

  /** Frees the id of a session whose streams are still being deleted. */
  retire(pk: number): void {
    this.#retire.run(pk);
  }

  delete(pk: number): void {
    this.#delete.run(pk);
  }
}

function toRow(columns: Columns): SessionRow {
  return {
    pk: columns.pk,
    record: {
      id: fromStored(columns.id),
      principal: fromStored(columns.principal),
      nodeId: fromStored(columns.node_id),
      fence: columns.fence,
      version: columns.version,
      createdAtMs: columns.created_at,
      expiresAtMs: columns.expires_at,
      shape: JSON.parse(columns.shape),
      state: JSON.parse(columns.state),
    },
  };
}
