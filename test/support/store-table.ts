import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SDKS } from "./sdk-table.js";

/** A directory of this test's own; `remove` deletes it. */
export async function temporaryDirectory(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "durable-mcp-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** The Redis that `redis-for-all.ts` has started, or that was named to it. */
export function redisUrl(): string {
  const url = process.env.REDIS_URL;
  if (!url) throw new Error("REDIS_URL is not set: these tests run in the project of test/.");
  return url;
}

/** The stores that a whole-system test runs on: the command line's name for each. */
export const STORES: readonly { readonly kind: string; nameIn(directory: string): string }[] = [
  { kind: "memory", nameIn: () => "memory:" },
  { kind: "SQLite", nameIn: (directory) => `sqlite:${join(directory, "everything.db")}` },
  { kind: "Redis", nameIn: () => redisUrl() },
];

/** Those that outlive their process, each with server objects of each SDK. */
export const DURABLE_STORES_AND_SDKS = STORES.filter(({ kind }) => kind !== "memory").flatMap((store) =>
  SDKS.map((sdk) => ({ kind: store.kind, nameIn: store.nameIn, sdk })),
);
