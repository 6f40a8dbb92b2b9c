import assert from "node:assert/strict";
import {
  ALL,
  append,
  appendOutcome,
  assertUnknown,
  createSession,
  final,
  keyOf,
  numbered,
  offsetsOf,
  payloads,
  payloadsOf,
  readPage,
  SHORT_MS,
  sweepAll,
} from "../fixtures.js";
import type { StoreCase } from "../store-case.js";

export const retentionCases: readonly StoreCase[] = [
  {
    name: "G7 a stream keeps its newest events up to the bound on their count",
    retention: { maxEvents: 5 },
    async run({ store }) {
      const session = await createSession(store);
      for (const id of ["one-by-one", "another"]) {
        const key = keyOf(session, id);
        for (const payload of numbered("", 5)) await append(store, key, [payload]);
        assert.equal((await store.log.head(key))?.oldest, 1, "not more than the bound: nothing goes");
        for (const payload of ["6", "7"]) await append(store, key, [payload]);
        assert.deepEqual(await store.log.head(key), { last: 7, oldest: 3, ended: false });
        assert.deepEqual(await payloads(store, key, 2), ["3", "4", "5", "6", "7"]);
      }
      const group = keyOf(session, "in one append");
      assert.equal(await append(store, group, numbered("", 12)), 12);
      assert.deepEqual(await payloads(store, group, 7), ["8", "9", "10", "11", "12"]);
    },
  },
  {
    name: "G7 a stream keeps its newest events up to the bound on their UTF-8 bytes",
    retention: { maxBytes: 12 },
    async run({ store }) {
      const key = keyOf(await createSession(store));
      await append(store, key, ["abc", "éé", "日"]);
      assert.equal((await store.log.head(key))?.oldest, 1, "10 bytes");
      await append(store, key, ["xy"]);
      assert.equal((await store.log.head(key))?.oldest, 1, "12 bytes");
      await append(store, key, ["z"]);
      assert.equal((await store.log.head(key))?.oldest, 2, "13 bytes, less the first 3");
      await append(store, key, ["😀"]);
      assert.deepEqual(await payloads(store, key, 2), ["日", "xy", "z", "😀"]);
    },
  },
  {
    name: "G7 the newest event is kept whatever its size",
    retention: { maxBytes: 10 },
    async run({ store }) {
      const key = keyOf(await createSession(store));
      await append(store, key, ["small", "x".repeat(100)]);
      assert.deepEqual(await store.log.head(key), { last: 2, oldest: 2, ended: false });
      assert.deepEqual(await payloads(store, key, 1), ["x".repeat(100)]);
      await append(store, key, ["next"]);
      assert.deepEqual(await payloads(store, key, 2), ["next"]);
    },
  },
  {
    name: "G2 final events survive trimming by count",
    retention: { maxEvents: 3 },
    async run({ store }) {
      const key = keyOf(await createSession(store));
      await append(store, key, ["a", final("F1"), "b", final("F2"), "c"]);
      await append(store, key, numbered("", 4));
      assert.deepEqual(offsetsOf(await store.log.finals(key)), [2, 4]);
      assert.deepEqual(payloadsOf(await store.log.finals(key)), ["F1", "F2"]);
      assert.deepEqual(await store.log.head(key), { last: 9, oldest: 9, ended: false });
    },
  },
  {
    name: "G2 final events survive trimming by bytes",
    retention: { maxBytes: 10 },
    async run({ store }) {
      const key = keyOf(await createSession(store));
      await append(store, key, [final("final-1"), final("final-2")]);
      await append(store, key, ["noise-1", "noise-2"], { end: true });
      assert.deepEqual(payloadsOf(await store.log.finals(key)), ["final-1", "final-2"]);
      assert.deepEqual(await store.log.head(key), { last: 4, oldest: 4, ended: true });
      assert.deepEqual(offsetsOf((await readPage(store, key)).events), [1, 2]);
    },
  },
  {
    name: "G2 trimming takes the oldest event that is not final, and stops where only finals and the newest are left",
    retention: { maxEvents: 2 },
    async run({ store }) {
      const key = keyOf(await createSession(store));
      await append(store, key, [final("F1"), final("F2"), final("F3")]);
      assert.deepEqual(await payloads(store, key), ["F1", "F2", "F3"], "finals may exceed the bound");
      await append(store, key, ["a"]);
      assert.deepEqual(await payloads(store, key), ["F1", "F2", "F3", "a"], "so may the newest event");
      await append(store, key, ["b"]);
      assert.deepEqual(await payloads(store, key, 4), ["b"]);
      assert.equal((await store.log.head(key))?.oldest, 5);
      await append(store, key, [final("F6")]);
      assert.deepEqual(payloadsOf(await store.log.finals(key)), ["F1", "F2", "F3", "F6"]);
      assert.deepEqual(await store.log.head(key), { last: 6, oldest: 6, ended: false });
    },
  },
  {
    name: "G2 finals lists the final events that are kept, oldest first",
    async run({ store }) {
      const session = await createSession(store);
      const key = keyOf(session);
      await append(store, key, ["a", final("F1"), "b"], { fence: 1 });
      await append(store, key, [final("F2")], { fence: 1, end: true });
      assert.deepEqual(await store.log.finals(key), [
        { offset: 2, fence: 1, kind: "message", payload: "F1", final: true },
        { offset: 4, fence: 1, kind: "message", payload: "F2", final: true },
      ]);
      const none = keyOf(session, "none");
      await append(store, none, ["a"]);
      assert.deepEqual(await store.log.finals(none), []);
    },
  },
  {
    name: "G7 events go when they are too old, final ones too",
    retention: { maxAgeMs: SHORT_MS },
    async run({ store, advance }) {
      const key = keyOf(await createSession(store));
      await append(store, key, ["old", final("old too")]);
      await advance(SHORT_MS / 2);
      await append(store, key, ["young", final("young too")]);
      await sweepAll(store);
      assert.equal((await store.log.head(key))?.oldest, 1);
      await advance(SHORT_MS / 2);
      await sweepAll(store);
      assert.deepEqual(await store.log.read(key, 0, ALL), { outcome: "gap", oldest: 3 });
      assert.deepEqual(await payloads(store, key, 2), ["young", "young too"]);
      assert.deepEqual(payloadsOf(await store.log.finals(key)), ["young too"]);
    },
  },
  {
    name: "G2 G7 a final event before a hole goes when it is too old, and the stream is kept from where it was",
    retention: { maxAgeMs: SHORT_MS, maxEvents: 2 },
    async run({ store, advance }) {
      const key = keyOf(await createSession(store));
      await append(store, key, [final("F1"), "b"]);
      await advance(SHORT_MS / 2);
      await append(store, key, ["c", "d"]);
      assert.deepEqual(payloadsOf(await store.log.finals(key)), ["F1"]);
      await advance(SHORT_MS / 2);
      await sweepAll(store);
      assert.deepEqual(await store.log.finals(key), []);
      assert.deepEqual(await store.log.head(key), { last: 4, oldest: 4, ended: false });
      assert.deepEqual(await payloads(store, key, 3), ["d"]);
    },
  },
  {
    name: "G1 G7 an open stream whose events all went goes on counting",
    retention: { maxAgeMs: SHORT_MS },
    async run({ store, advance }) {
      const session = await createSession(store);
      const key = keyOf(session);
      await append(store, key, ["a", final("b"), "c"]);
      await advance(SHORT_MS);
      await sweepAll(store, 1);
      assert.deepEqual(await store.log.head(key), { last: 3, oldest: 4, ended: false });
      assert.deepEqual(await store.log.read(key, 2, ALL), { outcome: "gap", oldest: 4 });
      assert.deepEqual(await store.log.finals(key), []);
      assert.deepEqual(await store.log.openStreams(session.id), [key.streamId]);
      assert.equal(await append(store, key, ["d"]), 4);
      assert.deepEqual(await payloads(store, key, 3), ["d"]);
    },
  },
  {
    name: "G7 an ended stream is forgotten when its events are too old",
    retention: { maxAgeMs: SHORT_MS },
    async run({ store, advance }) {
      const session = await createSession(store);
      const key = keyOf(session);
      const empty = keyOf(session, "ended without events");
      await append(store, key, ["a", final("b")], { end: true });
      await append(store, empty, [], { end: true });
      await sweepAll(store);
      assert.deepEqual(await store.log.head(key), { last: 2, oldest: 1, ended: true });
      assert.deepEqual(
        await store.log.head(empty),
        { last: 0, oldest: 1, ended: true },
        "that a stream ended is known for as long as an event would be",
      );
      await advance(SHORT_MS);
      await sweepAll(store);
      await assertUnknown(store, key);
      await assertUnknown(store, empty);
      assert.equal(await append(store, key, ["anew"]), 1);
      assert.deepEqual(await payloads(store, key), ["anew"]);
    },
  },
  {
    name: "G7 of more ended streams than the bound, the one that ended first is forgotten",
    retention: { maxEndedStreams: 3 },
    async run({ store }) {
      const session = await createSession(store);
      const other = await createSession(store, { id: "other" });
      await append(store, keyOf(other, "2"), ["a"], { end: true });
      const ids = ["1", "2", "3", "4", "5", "open"];
      for (const id of ids) await append(store, keyOf(session, id), [id, final(`${id}!`)]);
      for (const id of ["2", "1", "4"]) await append(store, keyOf(session, id), [], { end: true });
      for (const id of ids) assert.deepEqual(await payloads(store, keyOf(session, id)), [id, `${id}!`]);

      await append(store, keyOf(session, "3"), ["last"], { end: true });
      await assertUnknown(store, keyOf(session, "2"));
      await append(store, keyOf(session, "5"), [], { end: true });
      await assertUnknown(store, keyOf(session, "1"));
      for (const id of ["3", "4", "5", "open"]) {
        assert.equal((await payloads(store, keyOf(session, id)))[0], id);
      }
      assert.deepEqual(await store.log.openStreams(session.id), ["open"]);
      assert.deepEqual(await payloads(store, keyOf(other, "2")), ["a"], "each session has its own bound");
    },
  },
  {
    name: "G1 G2 a forgotten stream that is appended to again begins anew",
    retention: { maxEndedStreams: 1 },
    async run({ store }) {
      const session = await createSession(store);
      const key = keyOf(session);
      await append(store, key, ["old", final("old final")], { end: true });
      assert.equal(await appendOutcome(store, key, "more"), "ended");
      await append(store, keyOf(session, "next"), ["x"], { end: true });
      await assertUnknown(store, key);
      assert.equal(await append(store, key, ["new"]), 1);
      assert.deepEqual(await payloads(store, key), ["new"]);
      assert.deepEqual(await store.log.finals(key), []);
      assert.deepEqual(await store.log.head(key), { last: 1, oldest: 1, ended: false });
      assert.deepEqual(await store.log.openStreams(session.id), [key.streamId]);
      await append(store, key, ["end"], { end: true });
      await assertUnknown(store, keyOf(session, "next"));
      assert.deepEqual(await payloads(store, key), ["new", "end"]);
    },
  },
];
