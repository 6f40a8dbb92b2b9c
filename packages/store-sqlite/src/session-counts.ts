import type { Database, Statement } from "better-sqlite3";
import { type StoredText, toStored } from "./stored-text.js";

const TOTAL = "total";

/** How many live sessions there are, without counting them all (G7). */
export class SessionCounts {
  readonly #get: Statement<[StoredText], number>;
  readonly #expired: Statement<[number], number>;
  readonly #expiredOf: Statement<[number, StoredText], number>;
  readonly #add: Statement<[StoredText]>;
  readonly #subtract: Statement<[StoredText]>;
  readonly #deleteZero: Statement<[StoredText]>;

  constructor(db: Database) {
    const expired = "SELECT count(*) FROM sessions WHERE expires_at <= ? AND id IS NOT NULL";
    this.#get = db
      .prepare<[StoredText], number>("SELECT sessions FROM session_counts WHERE scope = ?")
      .pluck();
    this.#expired = db.prepare<[number], number>(expired).pluck();
    // The plus keeps SQLite from the principal's index: there are fewer expired sessions than sessions.
    this.#expiredOf = db.prepare<[number, StoredText], number>(`${expired} AND +principal = ?`).pluck();
    this.#add = db.prepare(
      "INSERT INTO session_counts VALUES (?, 1) ON CONFLICT DO UPDATE SET sessions = sessions + 1",
    );
    this.#subtract = db.prepare("UPDATE session_counts SET sessions = sessions - 1 WHERE scope = ?");
    this.#deleteZero = db.prepare("DELETE FROM session_counts WHERE scope = ? AND sessions = 0");
  }

  /** Whether the principal has `most` live sessions. */
  isPrincipalFull(principal: string, most: number, nowMs: number): boolean {
    return this.#isFull(scopeOf(principal), most, () => this.#expiredOf.get(nowMs, toStored(principal)));
  }

  /** Whether there are `most` live sessions in all. */
  isTotalFull(most: number, nowMs: number): boolean {
    return this.#isFull(TOTAL, most, () => this.#expired.get(nowMs));
  }

  add(principal: string): void {
    this.#add.run(scopeOf(principal));
    this.#add.run(TOTAL);
  }

  subtract(principal: string): void {
    this.#subtract.run(scopeOf(principal));
    this.#deleteZero.run(scopeOf(principal));
    this.#subtract.run(TOTAL);
  }

  #isFull(scope: StoredText, most: number, expired: () => number | undefined): boolean {
    const sessions = this.#get.get(scope) ?? 0;
    // Sessions that expired but were not swept do not count, but only a refusal is worth counting them.
    return sessions >= most && sessions - (expired() ?? 0) >= most;
  }
}

function scopeOf(principal: string): StoredText {
  return toStored(`principal:${principal}`);
}
