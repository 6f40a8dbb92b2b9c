import Database from "better-sqlite3";
import { expect } from "vitest";
import { SeededRandom } from "../support/seeded-random.js";
import type { Stage } from "./stage.js";
import { WellBehaved } from "./well-behaved.js";

const MiB = 1024 * 1024;

/**
 * Looks at the endpoint after everything that was done to it: it serves as before, nothing of the attacks is left, neither
 * in memory nor in the store, nothing has failed, and the built-in prototypes are what they were. Closes it.
 *
 * Shapes:  baselineBytes: memory in use before, with the same code warm
 */
export async function expectAftermath(stage: Stage, baselineBytes: number): Promise<void> {
  const { server } = stage;
  for (const revision of ["2025-03-26", "2025-06-18", "2025-11-25"]) {
    const client = await WellBehaved.open(stage, revision, new SeededRandom(1));
    await client.round();
    await client.close();
  }
  const state = await server.abandonAll();
  expect(state).toMatchObject({ sessions: 0, calls: 0, connections: 0, bufferedBytes: 0, sockets: 0 });
  expect(state.faults).toEqual([]);
  expect(state.polluted).toBe(false);
  expect(Object.keys(state.statuses).filter((status) => Number(status) >= 500 && status !== "503")).toEqual(
    [],
  );
  if (state.usage) expect(state.usage).toEqual({ sessions: 0, streams: 0, events: 0, watchers: 0 });

  const grown = (await server.usedBytes()) - baselineBytes;
  const { statuses, longestTurnMs } = state;
  console.log(
    `statuses ${JSON.stringify(statuses)}; longest turn ${longestTurnMs} ms; grown by ${(grown / MiB).toFixed(2)} MiB`,
  );
  expect(grown).toBeLessThan(5 * MiB);

  await server.close();
  if (server.file !== undefined) expect(rowCounts(server.file)).toEqual([]);
}

/** The tables of the file that have rows, but for SQLite's own and the count of sessions in all when it is 0. */
function rowCounts(file: string): readonly string[] {
  const database = new Database(file, { readonly: true });
  try {
    const all = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    const tables = database.prepare(all).pluck().all() as string[];
    expect(tables).toContain("sessions");
    return tables.filter((table) => {
      const constant = table === "session_counts" ? "WHERE scope <> 'total' OR sessions <> 0" : "";
      return database.prepare(`SELECT count(*) FROM "${table}" ${constant}`).pluck().get() !== 0;
    });
  } finally {
    database.close();
  }
}
