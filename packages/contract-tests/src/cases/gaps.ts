import assert from "node:assert/strict";
import {
  ALL,
  append,
  assertUnknown,
  createSession,
  final,
  keyOf,
  numbered,
  offsetsOf,
  readPage,
} from "../fixtures.js";
import type { StoreCase } from "../store-case.js";

export const gapCases: readonly StoreCase[] = [
  {
    name: "G2 a cursor whose next event was trimmed gets a gap, never an empty page",
    retention: { maxEvents: 3 },
    async run({ store }) {
      const key = keyOf(await createSession(store));
      await append(store, key, numbered("", 10));
      for (const after of [0, 1, 6]) {
        assert.deepEqual(
          await store.log.read(key, after, ALL),
          { outcome: "gap", oldest: 8 },
          `after ${after}`,
        );
      }
      assert.deepEqual(offsetsOf((await readPage(store, key, 7)).events), [8, 9, 10]);
      assert.deepEqual(await store.log.head(key), { last: 10, oldest: 8, ended: false });
    },
  },
  {
    name: "G2 a cursor of an ended stream whose next event was trimmed gets a gap",
    retention: { maxEvents: 2 },
    async run({ store }) {
      const key = keyOf(await createSession(store));
      await append(store, key, numbered("", 5), { end: true });
      assert.deepEqual(await store.log.read(key, 0, ALL), { outcome: "gap", oldest: 4 });
      assert.deepEqual(await store.log.read(key, 2, ALL), { outcome: "gap", oldest: 4 });
      assert.equal((await readPage(store, key, 3)).ended, true);
      assert.deepEqual(await store.log.head(key), { last: 5, oldest: 4, ended: true });
    },
  },
  {
    name: "G2 a cursor beyond the newest event gets a gap",
    async run({ store }) {
      const session = await createSession(store);
      const key = keyOf(session);
      await append(store, key, ["a", "b"]);
      assert.deepEqual(await store.log.read(key, 3, ALL), { outcome: "gap", oldest: 1 });
      assert.deepEqual(await store.log.read(key, 1_000_000, ALL), { outcome: "gap", oldest: 1 });
      await append(store, key, [], { end: true });
      assert.deepEqual(await store.log.read(key, 3, ALL), { outcome: "gap", oldest: 1 });
      const empty = keyOf(session, "empty");
      await append(store, empty, [], { end: true });
      assert.deepEqual(await store.log.read(empty, 1, ALL), { outcome: "gap", oldest: 1 });
    },
  },
  {
    name: "G2 a stream that lost all its events has a gap before its newest, and nothing after it",
    async run({ store }) {
      const session = await createSession(store);
      const key = keyOf(session);
      await append(store, key, ["a", "b", "c"]);
      assert.deepEqual(await store.log.trim(key, 3, session.fence), { outcome: "ok" });
      assert.deepEqual(await store.log.read(key, 0, ALL), { outcome: "gap", oldest: 4 });
      assert.deepEqual(await store.log.read(key, 2, ALL), { outcome: "gap", oldest: 4 });
      assert.deepEqual(await store.log.read(key, 3, ALL), { outcome: "page", events: [], ended: false });
      assert.deepEqual(await store.log.read(key, 4, ALL), { outcome: "gap", oldest: 4 });
      assert.equal(await append(store, key, ["d"]), 4);
      assert.deepEqual(offsetsOf((await readPage(store, key, 3)).events), [4]);
    },
  },
  {
    name: "G2 a final event before a hole is still read, and the hole behind it is a gap",
    retention: { maxEvents: 3 },
    async run({ store }) {
      const key = keyOf(await createSession(store));
      await append(store, key, [final("kept"), "b", "c", final("kept too"), "e", "f"]);
      assert.deepEqual(await store.log.head(key), { last: 6, oldest: 6, ended: false });
      const page = await readPage(store, key, 0);
      assert.deepEqual(offsetsOf(page.events), [1]);
      for (const after of [1, 2, 4]) {
        assert.deepEqual(
          await store.log.read(key, after, ALL),
          { outcome: "gap", oldest: 6 },
          `after ${after}`,
        );
      }
      assert.deepEqual(offsetsOf((await readPage(store, key, 3)).events), [4]);
      assert.deepEqual(offsetsOf((await readPage(store, key, 5)).events), [6]);
      await append(store, key, [], { end: true });
      assert.equal((await readPage(store, key, 0)).ended, false, "a gap follows");
      assert.equal((await readPage(store, key, 5)).ended, true);
    },
  },
  {
    name: "G2 a stream that was never appended to is unknown, not empty",
    async run({ store }) {
      const session = await createSession(store);
      await assertUnknown(store, keyOf(session, "never"));
      await append(store, keyOf(session, "other"), ["a"]);
      await assertUnknown(store, keyOf(session, "never"));
      await assertUnknown(store, keyOf({ id: "no-session" }, "other"));
    },
  },
];
