import {
  appendFileSync,
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { DurableMcpError } from "@durable-mcp/contract";

const locksOfThisProcess = new Set<string>();

/**
 * Locks a file for this process, by a second file that holds the process's id. One left by a process that is gone is no lock.
 *
 * Returns: a function that unlocks
 * Errors:  STORE_LOCKED
 */
export function lock(file: string): () => void {
  const lockFile = `${file}.lock`;
  if (existsSync(lockFile) && !isHeld(lockFile)) rmSync(lockFile, { force: true });
  try {
    writeFileSync(lockFile, String(process.pid), { flag: "wx" });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    const message = `Another store has ${file} open. If none has, delete ${lockFile}.`;
    throw new DurableMcpError("STORE_LOCKED", message, { cause });
  }
  locksOfThisProcess.add(lockFile);
  return () => {
    locksOfThisProcess.delete(lockFile);
    rmSync(lockFile, { force: true });
  };
}

function isHeld(lockFile: string): boolean {
  const pid = Number(readFileSync(lockFile, "utf8"));
  // Its own id without its own lock: a process before this one had the same, as the last run of a container has.
  if (pid === process.pid) return locksOfThisProcess.has(lockFile);
  try {
    // Asks without sending anything.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** The lines of a file, oldest first. What follows the last newline was torn by a crash: nobody was told it was written. */
export async function* readLines(file: string): AsyncGenerator<string> {
  if (!existsSync(file)) return;
  let rest = "";
  for await (const chunk of createReadStream(file, "utf8")) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** A file of lines that grows at its end. */
export class Journal {
  readonly #fd: number;
  readonly #fsync: boolean;
  #bytes = 0;
  /** Whether the file may end in something that `write` did not finish. */
  #isTorn = false;

  /**
   * Puts the lines in the place of the file in one step: a crash leaves all of the old file, or all of the new one.
   *
   * Errors:  STORE_FULL; what else the file system throws
   */
  constructor(file: string, lines: readonly string[], fsync: boolean) {
    const fresh = `${file}.new`;
    rmSync(fresh, { force: true });
    this.#fd = openSync(fresh, "a", 0o600);
    this.#fsync = fsync;
    try {
      for (const line of lines) this.#append(line);
      fsyncSync(this.#fd);
      renameSync(fresh, file);
      fsyncFolder(dirname(file));
    } catch (error) {
      this.close();
      rmSync(fresh, { force: true });
      throw toStoreError(error);
    }
  }

  /**
   * Writes a line before it returns. What it could not write whole is cut off before the next one.
   *
   * Errors:  STORE_FULL; what else the file system throws
   */
  write(line: string): void {
    if (this.#isTorn) ftruncateSync(this.#fd, this.#bytes);
    this.#isTorn = true;
    const before = this.#bytes;
    try {
      this.#append(line);
      if (this.#fsync) fsyncSync(this.#fd);
      this.#isTorn = false;
    } catch (error) {
      this.#bytes = before;
      throw toStoreError(error);
    }
  }

  /** Throws as `write` does, if the last one did and the next one would. */
  check(): void {
    if (this.#isTorn) this.write("");
  }

  close(): void {
    closeSync(this.#fd);
  }

  #append(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    appendFileSync(this.#fd, bytes);
    this.#bytes += bytes.length;
  }
}

function toStoreError(cause: unknown): unknown {
  if ((cause as NodeJS.ErrnoException).code !== "ENOSPC") return cause;
  return new DurableMcpError("STORE_FULL", "No room for another line: free disk space.", { cause });
}

/** Without it, a power loss may bring the old file back. Windows needs none. */
function fsyncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
