import { statSync } from "node:fs";
import Database from "better-sqlite3";
import { expect, it } from "vitest";
import { createSession, keyOf, messages, openStore, readAll, sweepAll } from "./open-store.js";
import { tempFile } from "./temp-dir.js";

/** How many rows the closed store's tables have. */
function rowsIn(file: string): Record<string, unknown> {
  const db = new Database(file, { readonly: true });
  const count = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  const tables = ["sessions", "session_counts", "streams", "events"];
  const rows = Object.fromEntries(tables.map((table) => [table, count(table)]));
  db.close();
  return rows;
}

const NOTHING = { sessions: 0, session_counts: 1, streams: 0, events: 0 };

it("G7 the file shrinks after many sessions were swept, and nothing of them is left", async () => {
  const file = tempFile();
  let nowMs = 1_000_000;
  const store = openStore({ file, now: () => nowMs });
  for (let session = 1; session <= 100; session += 1) {
    await createSession(store, `session-${session}`, 1_000);
    for (const id of ["a", "b"]) await store.log.append(keyOf(`session-${session}`, id), messages(50, 1_000));
  }
  await store.close();
  const before = statSync(file).size;
  expect(before).toBeGreaterThan(8 * 1024 * 1024);

  const reopened = openStore({ file, now: () => nowMs });
  nowMs += 1_000;
  expect(await sweepAll(reopened, 10), "in small steps").toBeGreaterThan(10);
  expect(statSync(file).size).toBeLessThan(before / 8);
  expect(statSync(`${file}-wal`).size).toBe(0);
  await reopened.close();
  expect(rowsIn(file)).toEqual(NOTHING);
});

it("G7 one step of the sweep stays small, however large a stream is", async () => {
  const file = tempFile();
  let nowMs = 1_000_000;
  const store = openStore({ file, now: () => nowMs, retention: { maxEvents: 100_000 } });
  await createSession(store, "s", 1_000);
  for (let batch = 0; batch < 10; batch += 1) await store.log.append(keyOf("s"), messages(1_000));
  nowMs += 1_000;
  // 10,000 events by steps of a thousand or two.
  expect(await sweepAll(store)).toBeGreaterThanOrEqual(5);
  await store.close();
  expect(rowsIn(file)).toEqual(NOTHING);
});

it("G7 a step that ages a large stream stays small, and readers see none of it meanwhile", async () => {
  const file = tempFile();
  let nowMs = 1_000_000;
  const store = openStore({ file, now: () => nowMs, retention: { maxAgeMs: 1_000 } });
  await createSession(store, "s");
  const key = keyOf("s");
  for (let batch = 0; batch < 6; batch += 1) await store.log.append(key, messages(1_000));
  nowMs += 900;
  await store.log.append(key, messages(5));
  nowMs += 100;
  for (let isMore = true, steps = 1; isMore; steps += 1) {
    expect(await store.log.head(key)).toEqual({ last: 6_005, oldest: 6_001, ended: false });
    const limits = { events: 10, bytes: 10_000 };
    expect(await store.log.read(key, 0, limits)).toEqual({ outcome: "gap", oldest: 6_001 });
    expect(await store.log.read(key, 6_000, limits)).toMatchObject({ events: { length: 5 } });
    isMore = (await store.sessions.sweep(100)).more;
    expect(isMore || steps >= 3).toBe(true);
  }
  await store.close();
  expect(rowsIn(file)).toMatchObject({ streams: 1, events: 5 });
});

it("G7 what is too old is not taken, before any sweep, too", async () => {
  let nowMs = 1_000_000;
  const store = openStore({ file: tempFile(), now: () => nowMs, retention: { maxAgeMs: 1_000 } });
  await createSession(store, "s");
  const key = keyOf("s");
  await store.log.append(key, messages(2));
  nowMs += 900;
  await store.log.append(key, messages(2));
  nowMs += 100;
  const take = () => store.log.take(key, { events: 1, bytes: 1 }, 1);
  expect(await take()).toMatchObject({ events: [{ offset: 3 }], more: true });
  nowMs += 900;
  expect(await take()).toEqual({ outcome: "ok", events: [], more: false });
  expect(await store.log.head(key)).toEqual({ last: 4, oldest: 5, ended: false });
});

it("G3 G7 a large session is gone at once, and its id is free, while its rows are still being deleted", async () => {
  const file = tempFile();
  const store = openStore({ file });
  await createSession(store, "s");
  for (let batch = 0; batch < 5; batch += 1) await store.log.append(keyOf("s"), messages(1_000));
  expect(await store.sessions.terminate("s")).toEqual({ outcome: "ok" });
  expect(await store.sessions.get("s")).toBeUndefined();
  expect(await store.sessions.terminate("s")).toEqual({ outcome: "gone" });

  await createSession(store, "s");
  const limits = { events: 10, bytes: 10_000 };
  expect(await store.log.read(keyOf("s"), 0, limits)).toEqual({ outcome: "unknown" });
  await store.log.append(keyOf("s"), messages(2));
  expect((await store.sessions.list("alice", { limit: 10 })).sessions).toHaveLength(1);
  await sweepAll(store);
  expect(await readAll(store, keyOf("s"))).toHaveLength(2);
  await store.close();
  expect(rowsIn(file)).toEqual({ sessions: 1, session_counts: 2, streams: 1, events: 2 });
});

it("G7 streams that others' ends push out are unknown at once, and their rows do not pile up", async () => {
  const file = tempFile();
  const store = openStore({ file, retention: { maxEndedStreams: 10 } });
  await createSession(store, "s");
  // Too many events to be deleted in one go with somebody else's append.
  await store.log.append(keyOf("s", "large"), messages(1_000), { end: true });
  for (let stream = 1; stream <= 200; stream += 1) {
    await store.log.append(keyOf("s", `stream-${stream}`), messages(1), { end: true });
    expect((await store.log.head(keyOf("s", `stream-${stream - 9}`))) === undefined).toBe(stream < 10);
    expect(await store.log.head(keyOf("s", `stream-${stream - 10}`))).toBeUndefined();
  }
  await sweepAll(store);
  // A name that was pushed out may be used again, and begins anew.
  await store.log.append(keyOf("s", "stream-190"), messages(1), {});
  expect(await store.log.head(keyOf("s", "stream-190"))).toEqual({ last: 1, oldest: 1, ended: false });
  await store.close();
  const { streams, events } = rowsIn(file);
  expect(streams).toBeLessThan(50);
  expect(events).toBe(streams);
});
