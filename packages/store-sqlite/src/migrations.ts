import type { Database } from "better-sqlite3";

/** Marks a SQLite file as one of this store's: "DMCP" in ASCII. */
export const APPLICATION_ID = 0x444d4350;

/**
 * The steps that lead from an empty file to today's tables; the file's `user_version` counts those it has taken.
 * A step that was released never changes.
 */
const STEPS: readonly string[] = [
  `
  CREATE TABLE sessions (
    -- Never used again, so that a list's cursor stays where it is.
    pk INTEGER PRIMARY KEY AUTOINCREMENT,
    -- NULL: the session is gone, but deleting its streams takes further steps of the sweep.
    id TEXT,
    principal TEXT NOT NULL,
    node_id TEXT NOT NULL,
    fence INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    shape TEXT NOT NULL,
    state TEXT NOT NULL
  );
  CREATE UNIQUE INDEX sessions_by_id ON sessions (id);
  CREATE INDEX sessions_by_principal ON sessions (principal);
  CREATE INDEX sessions_by_expiry ON sessions (expires_at);

  -- How many sessions there are in all and of each principal, expired ones included.
  CREATE TABLE session_counts (scope TEXT PRIMARY KEY, sessions INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    -- 0: the stream is forgotten, but deleting its events takes further steps of the sweep.
    session INTEGER NOT NULL,
    name TEXT,
    last INTEGER NOT NULL,
    -- From here on the events are kept without holes.
    oldest INTEGER NOT NULL,
    -- No event before this one can be trimmed by count or bytes.
    trimmable INTEGER NOT NULL,
    events INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    ended_at INTEGER,
    -- Position among the ends of the session's streams.
    end_number INTEGER,
    -- Nothing of the stream is older than this; NULL: nothing of it ages.
    ages_from INTEGER
  );
  CREATE UNIQUE INDEX streams_by_name ON streams (session, name);
  CREATE INDEX streams_by_end ON streams (session, end_number) WHERE end_number IS NOT NULL;
  CREATE INDEX streams_by_age ON streams (ages_from) WHERE ages_from IS NOT NULL;

  -- Clustered by stream: a page of events is a few neighbouring pages of the file, whatever else is in it.
  CREATE TABLE events (
    stream INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    at INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (stream, offset)
  ) WITHOUT ROWID;
  `,
];

/** The `user_version` of a file that has taken every step. */
export const LATEST_VERSION = STEPS.length;

/** Brings the file up to date in one transaction. `db` holds a file of this store, or an empty one. */
export function migrate(db: Database): void {
  db.transaction(() => {
    const version = Number(db.pragma("user_version", { simple: true }));
    if (version === LATEST_VERSION) return;
    for (const step of STEPS.slice(version)) db.exec(step);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${LATEST_VERSION}`);
  }).immediate();
}
