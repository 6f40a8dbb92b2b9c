import { DurableMcpError, type ErrorCode } from "@durable-mcp/contract";

/** SQLite's primary result codes and the file system's codes; everything else is STORE_UNAVAILABLE. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  SQLITE_FULL: "STORE_FULL",
  ENOSPC: "STORE_FULL",
  EDQUOT: "STORE_FULL",
  SQLITE_CORRUPT: "STORE_CORRUPT",
  SQLITE_NOTADB: "STORE_CORRUPT",
  SQLITE_BUSY: "STORE_LOCKED",
  SQLITE_LOCKED: "STORE_LOCKED",
  SQLITE_READONLY: "STORE_READ_ONLY",
  SQLITE_CANTOPEN: "STORE_READ_ONLY",
  SQLITE_PERM: "STORE_READ_ONLY",
  SQLITE_AUTH: "STORE_READ_ONLY",
  EACCES: "STORE_READ_ONLY",
  EPERM: "STORE_READ_ONLY",
  EROFS: "STORE_READ_ONLY",
  EISDIR: "STORE_READ_ONLY",
  ENOTDIR: "STORE_READ_ONLY",
  ENOENT: "STORE_READ_ONLY",
  EEXIST: "STORE_READ_ONLY",
};

const ADVICE = {
  STORE_FULL:
    "there is no room left. Free disk space or raise `maxFileBytes`; nothing acknowledged is lost, and the store goes on by itself",
  STORE_CORRUPT:
    "it is damaged or not a database of this store. It was left as it is: restore a backup, or set it aside and start with a new file",
  STORE_LOCKED:
    "it is in use by another process, or by another store in this one. Only one may use a file at a time: stop the other, or use another file",
  STORE_READ_ONLY:
    "it cannot be opened for writing. Check the path, and that this user may write to the file and its directory",
  STORE_TOO_NEW: "it was written by a newer version of @durable-mcp/store-sqlite. Upgrade this package",
  STORE_UNAVAILABLE: "the operation failed. Check the disk and the file system",
} as const satisfies Partial<Record<ErrorCode, string>>;

/** An error that names the file, says what to do, and in `detail` what exactly was wrong. */
export function storeError(
  code: keyof typeof ADVICE,
  file: string,
  detail: string,
  cause?: unknown,
): DurableMcpError {
  return new DurableMcpError(code, `SQLite store ${file}: ${ADVICE[code]} (${detail}).`, { cause });
}

/** Translates what SQLite and the file system throw; what is none of theirs (a fault of this program) stays what it is. */
export function toStoreError(error: unknown, file: string): unknown {
  if (error instanceof DurableMcpError || !(error instanceof Error) || !("code" in error)) return error;
  const code = String(error.code);
  if (code === "ERR_DLOPEN_FAILED") {
    const message = `better-sqlite3 cannot be loaded by Node.js ${process.version}; install it again with this one: ${error.message}`;
    return new DurableMcpError("STORE_UNAVAILABLE", message, { cause: error });
  }
  // An extended code, such as SQLITE_IOERR_WRITE, begins with its primary one.
  const primary = code.startsWith("SQLITE_") ? code.split("_", 2).join("_") : code;
  const known = (CODES[primary] ?? "STORE_UNAVAILABLE") as keyof typeof ADVICE;
  return storeError(
    known,
    file,
    error.message.includes(code) ? error.message : `${code}: ${error.message}`,
    error,
  );
}
