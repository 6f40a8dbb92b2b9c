import { describe, expect, it, onTestFinished } from "vitest";
import { Health } from "../src/health.js";
import { openDatabase } from "../src/open-database.js";
import { parseOptions } from "../src/options.js";
import { SqliteEventLog } from "../src/sqlite-event-log.js";
import { StreamWatchers } from "../src/stream-watchers.js";
import { createTables } from "../src/tables.js";
import { WriteQueue } from "../src/write-queue.js";
import { createSession, keyOf, messages, openStore, readAll, thrownBy } from "./open-store.js";
import { tempFile } from "./temp-dir.js";

function openQueue() {
  const options = parseOptions({ file: tempFile() });
  const db = openDatabase(options);
  onTestFinished(() => void db.close());
  db.exec("CREATE TABLE written (value PRIMARY KEY)");
  db.exec("CREATE TABLE strict (value REFERENCES written DEFERRABLE INITIALLY DEFERRED)");
  const queue = new WriteQueue(db, new Health(options.file));
  const insert = (value: number) => db.prepare("INSERT INTO written VALUES (?)").run(value);
  const written = () => db.prepare("SELECT value FROM written ORDER BY rowid").pluck().all();
  return { db, queue, insert, written, options };
}

describe("group commit", () => {
  it("puts the writes of one turn into one transaction, first come first served", async () => {
    const { queue, insert, written } = openQueue();
    const values = [3, 1, 2];
    const results = values.map((value) => queue.write(() => insert(value).changes + value));
    expect(written()).toEqual([]);
    expect(await Promise.all(results)).toEqual([4, 2, 3]);
    expect(written()).toEqual(values);
    expect(queue.commits).toBe(1);
  });

  it("G1 takes one commit for concurrent appends to 100 streams", async () => {
    const { db, options } = openQueue();
    const tables = createTables(db, options.file, options.retention);
    const log = new SqliteEventLog(tables, new StreamWatchers(), Date.now);
    await tables.queue.write(() => {
      const record = { id: "s", principal: "", nodeId: "n" };
      tables.sessions.insert(record, { shape: "{}", state: "{}" }, 0, Number.MAX_SAFE_INTEGER);
    });
    const before = tables.queue.commits;
    const streams = Array.from({ length: 100 }, (_, index) => keyOf("s", `stream-${index}`));
    const appends = streams.map((key) => log.append(key, messages(1)));
    expect(await Promise.all(appends)).toEqual(streams.map(() => ({ outcome: "ok", last: 1 })));
    expect(tables.queue.commits - before).toBe(1);
  });

  it("a write that throws takes no other with it, and leaves nothing of its own", async () => {
    const { queue, insert, written } = openQueue();
    const outcomes = await Promise.allSettled([
      queue.write(() => insert(1)),
      queue.write(() => {
        insert(2);
        throw new RangeError("a fault");
      }),
      queue.write(() => insert(3)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(outcomes[1]).toMatchObject({ reason: { message: "a fault" } });
    expect(written()).toEqual([1, 3]);
  });

  it("G8 a commit that fails acknowledges nothing, and the next one works", async () => {
    const { db, queue, insert, written } = openQueue();
    const failing = [
      queue.write(() => insert(1)),
      // Checked at the commit, which is how a commit is made to fail here.
      queue.write(() => db.exec("INSERT INTO strict VALUES (99)")),
    ];
    const outcomes = await Promise.allSettled(failing);
    expect(outcomes).toMatchObject([
      { status: "rejected", reason: { code: "STORE_UNAVAILABLE" } },
      { status: "rejected", reason: { code: "STORE_UNAVAILABLE" } },
    ]);
    expect(written()).toEqual([]);
    expect(queue.commits).toBe(0);
    await queue.write(() => insert(2));
    expect(written()).toEqual([2]);
  });

  it("tells of a commit after it is readable and before its promise", async () => {
    const { queue, insert, written } = openQueue();
    const seen: unknown[] = [];
    const options = { afterCommit: (result: unknown) => seen.push(result, written()) };
    await queue.write(() => insert(1).changes, options).then(() => seen.push("settled"));
    await thrownBy(() => queue.write(() => insert(1).changes, options));
    expect(seen).toEqual([1, [1], "settled"]);
  });

  it("G4 close commits what is waiting", async () => {
    const file = tempFile();
    const store = openStore({ file });
    await createSession(store, "s");
    const appends = [store.log.append(keyOf("s"), messages(2)), store.log.append(keyOf("s"), messages(3))];
    await store.close();
    expect(await Promise.all(appends)).toEqual([
      { outcome: "ok", last: 2 },
      { outcome: "ok", last: 5 },
    ]);
    expect(await readAll(openStore({ file }), keyOf("s"))).toHaveLength(5);
  });

  it("a sweep that is under way when the store closes does not fail", async () => {
    const file = tempFile();
    let nowMs = 1_000_000;
    const store = openStore({ file, now: () => nowMs });
    await createSession(store, "s");
    await store.log.append(keyOf("s"), messages(1_500, 1_000));
    nowMs += 10_000_000;
    const sweep = store.sessions.sweep(10);
    await store.close();
    await expect(sweep).resolves.toHaveProperty("more");
  });
});
