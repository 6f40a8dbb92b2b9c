import { accessSync, closeSync, constants, existsSync, openSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DurableMcpError, type ErrorCode } from "@durable-mcp/contract";
import Database from "better-sqlite3";
import { createFolder } from "./create-folder.js";
import { storeError, toStoreError } from "./errors.js";
import { inspect } from "./inspect-database.js";
import { migrate } from "./migrations.js";
import type { ParsedOptions } from "./options.js";

/** Pages of the WAL after which SQLite copies it into the file: few enough to be quick, enough to be seldom. */
const CHECKPOINT_PAGES = 4_000;
const WAL_BYTES_KEPT = 32 * 1024 * 1024;

/** What says something about the file, and not only about the way it was looked at. */
const VERDICTS: ReadonlySet<ErrorCode> = new Set(["STORE_CORRUPT", "STORE_TOO_NEW", "STORE_LOCKED"]);

/** Two processes that create a file in the same moment can refuse each other; one of them must win. */
const ATTEMPTS = 4;
const MOST_WAIT_MS = 20;

/**
 * Opens the file for this process alone, and brings its tables up to date.
 *
 * Errors:  STORE_LOCKED, STORE_CORRUPT, STORE_TOO_NEW, STORE_READ_ONLY, STORE_FULL, STORE_UNAVAILABLE; the file is
 *          then as it was
 */
export function openDatabase(options: ParsedOptions): Database.Database {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return tryOpen(options);
    } catch (error) {
      const failure = toStoreError(error, options.file);
      const isLocked = failure instanceof DurableMcpError && failure.code === "STORE_LOCKED";
      if (!isLocked || attempt === ATTEMPTS) throw failure;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.random() * MOST_WAIT_MS);
    }
  }
}

function tryOpen(options: ParsedOptions): Database.Database {
  const { file } = options;
  createFile(file);
  inspectBeforeRecovery(file);
  const db = new Database(file, { timeout: 0 });
  try {
    // From the first read on, the operating system holds a lock for us, and drops it however this process ends.
    db.pragma("locking_mode = EXCLUSIVE");
    // Not for a file that has it: SQLite would write, which it cannot on a full disk.
    if (inspect(db, file) === "empty") db.pragma("auto_vacuum = INCREMENTAL");
    const mode = db.pragma("journal_mode = WAL", { simple: true });
    if (mode !== "wal") throw storeError("STORE_UNAVAILABLE", file, `journal_mode is ${mode} instead of wal`);
    configure(db, options);
    migrate(db);
    // What `inspectBeforeRecovery` may have left behind. Nobody else can be using it while we hold the lock.
    rmSync(`${file}-shm`, { force: true });
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function configure(db: Database.Database, { synchronous, maxFileBytes }: ParsedOptions): void {
  db.pragma(`synchronous = ${synchronous}`);
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  db.pragma(`journal_size_limit = ${WAL_BYTES_KEPT}`);
  db.pragma("temp_store = MEMORY");
  const pageBytes = Number(db.pragma("page_size", { simple: true }));
  db.pragma(`max_page_count = ${Math.floor(maxFileBytes / pageBytes)}`);
}

/** Creates a missing file, readable by its owner only: it holds what clients and servers say to each other. */
function createFile(file: string): void {
  createFolder(dirname(file));
  // An existing file is not opened here: closing it would drop the locks that this process may hold on it (POSIX).
  if (existsSync(file)) {
    accessSync(file, constants.R_OK | constants.W_OK);
    return;
  }
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

/**
 * A process that was killed leaves a WAL, which SQLite copies into the file when a connection that may write closes.
 * So that a file that is refused stays as it is, such a one is looked at through a connection that may not write.
 */
function inspectBeforeRecovery(file: string): void {
  const walBytes = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (walBytes === 0) return;
  if (statSync(file).size === 0) {
    // SQLite would take it for a new file and delete the WAL.
    throw storeError("STORE_CORRUPT", file, "the file is empty, but there is a -wal that belongs to it");
  }
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { readonly: true, timeout: 0 });
    inspect(db, file);
  } catch (error) {
    // This way of looking needs a `-shm` file, so it can fail where opening does not: on a full disk, for one.
    const failure = toStoreError(error, file);
    if (failure instanceof DurableMcpError && VERDICTS.has(failure.code)) throw failure;
  } finally {
    db?.close();
  }
}
