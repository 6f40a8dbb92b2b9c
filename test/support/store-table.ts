import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory of this test's own; `remove` deletes it. */
export async function temporaryDirectory(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "durable-mcp-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** The stores that a whole-system test runs on: the command line's name for each. */
export const STORES: readonly { readonly kind: string; nameIn(directory: string): string }[] = [
  { kind: "memory", nameIn: () => "memory:" },
  { kind: "SQLite", nameIn: (directory) => `sqlite:${join(directory, "everything.db")}` },
];
