import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new directory, which its caller removes. */
export function tempDir(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), "store-sqlite-")));
}

/** The path of a file, not there yet, in a directory that is removed after the test. */
export function tempFile(): string {
  const dir = tempDir();
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, "store.db");
}
