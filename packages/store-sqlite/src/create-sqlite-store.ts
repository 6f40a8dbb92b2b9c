import { guardStore, type Store } from "@durable-mcp/contract";
import type { Database } from "better-sqlite3";
import { storeError } from "./errors.js";
import { FileShrinker } from "./file-shrinker.js";
import { LocalChangeBus } from "./local-change-bus.js";
import { LocalNodes } from "./local-nodes.js";
import { openDatabase } from "./open-database.js";
import { type ParsedOptions, parseOptions, type SqliteStoreOptions } from "./options.js";
import { SqliteEventLog } from "./sqlite-event-log.js";
import { SqliteSessionStore } from "./sqlite-session-store.js";
import { StreamWatchers } from "./stream-watchers.js";
import { Sweeper } from "./sweeper.js";
import { createTables, type Tables } from "./tables.js";

/**
 * Opens a store in one SQLite file, which this process then has to itself: `kill -9` loses nothing that was
 * acknowledged, and gives the file free.
 *
 * Errors:  TypeError for an unknown or wrong option; STORE_LOCKED (in use elsewhere), STORE_CORRUPT (damaged, or another
 *          program's file), STORE_TOO_NEW, STORE_READ_ONLY, STORE_FULL, STORE_UNAVAILABLE: the file is then as it was
 * Source:  G1, G2, G3, G4, G7, G8
 */
export function createSqliteStore(options: SqliteStoreOptions): Store {
  const parsed = parseOptions(options);
  const { now } = parsed;
  const db = openDatabase(parsed);
  const tables = prepareTables(db, parsed);
  const watchers = new StreamWatchers();
  const changes = new LocalChangeBus();
  const sweeper = new Sweeper(tables, new FileShrinker(db, tables.queue, tables.health), watchers, now);
  return guardStore({
    capabilities: { durable: true, shared: false },
    log: new SqliteEventLog(tables, watchers, now),
    sessions: new SqliteSessionStore(tables, sweeper, watchers, now),
    nodes: new LocalNodes(now),
    changes,
    ready: () => ready(db, tables),
    close: async () => {
      tables.queue.flush();
      watchers.removeAll();
      changes.close();
      tables.health.read(() => db.close());
    },
  });
}

function prepareTables(db: Database, { file, retention }: ParsedOptions): Tables {
  try {
    return createTables(db, file, retention);
  } catch (error) {
    db.close();
    throw storeError("STORE_CORRUPT", file, error instanceof Error ? error.message : String(error), error);
  }
}

/** More than a page, so that writing it takes free space. No stream has the id 0. */
const PROBE = "INSERT INTO events VALUES (0, 1, 0, 0, 0, 0, zeroblob(8192))";
const UNDO_PROBE = "DELETE FROM events WHERE stream = 0";

/** A write that must find room and be committed, and leaves nothing behind. */
async function ready(db: Database, { health, queue }: Tables): Promise<void> {
  health.assertInPlace();
  await queue.write(() => {
    db.exec(PROBE);
    db.exec(UNDO_PROBE);
  });
}
