import type { Database } from "better-sqlite3";
import { storeError } from "./errors.js";
import { APPLICATION_ID, LATEST_VERSION } from "./migrations.js";

/** Files up to this size are checked as a whole when they are opened, in a fraction of a second; others when used. */
const MAX_CHECKED_BYTES = 64 * 1024 * 1024;

/**
 * Makes sure, without changing it, that the file is empty or one of this store's that can be used.
 *
 * Returns: which of the two
 * Errors:  STORE_CORRUPT (also for another program's file), STORE_TOO_NEW
 */
export function inspect(db: Database, file: string): "empty" | "ours" {
  const read = (pragma: string) => Number(db.pragma(pragma, { simple: true }));
  const applicationId = read("application_id");
  const version = read("user_version");
  if (applicationId !== APPLICATION_ID) {
    const tables = db.prepare("SELECT count(*) FROM sqlite_schema").pluck().get();
    if (applicationId === 0 && version === 0 && tables === 0) return "empty";
    throw storeError(
      "STORE_CORRUPT",
      file,
      "it is a SQLite database of another program; name another `file`",
    );
  }
  if (version > LATEST_VERSION) {
    throw storeError("STORE_TOO_NEW", file, `its version is ${version}; this one knows ${LATEST_VERSION}`);
  }
  if (read("page_count") * read("page_size") > MAX_CHECKED_BYTES) return "ours";
  const verdict = db.pragma("quick_check(1)", { simple: true });
  if (verdict !== "ok") throw storeError("STORE_CORRUPT", file, String(verdict).replaceAll("\n", " "));
  return "ours";
}
