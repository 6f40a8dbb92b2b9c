import assert from "node:assert/strict";
import type { Store, StoredEvent } from "@durable-mcp/contract";
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
  SHORT_MS,
  sweepAll,
  take,
  takePage,
} from "../fixtures.js";
import type { StoreCase } from "../store-case.js";

const REFUSE = { refuseWhenFull: true };

export const takingCases: readonly StoreCase[] = [
  {
    name: "G5 a take returns the oldest events as a read would, and removes them, final ones too, for good",
    async run({ store }) {
      const session = await createSession(store);
      const key = keyOf(session, "inbox");
      await append(store, key, ["a", final("b")], { fence: 1 });
      await append(store, key, [{ kind: "control", payload: "c" }, final("d")]);
      assert.deepEqual(await store.log.take(key, { ...ALL, events: 3 }, session.fence), {
        outcome: "ok",
        events: [
          { offset: 1, fence: 1, kind: "message", payload: "a", final: false },
          { offset: 2, fence: 1, kind: "message", payload: "b", final: true },
          { offset: 3, fence: 0, kind: "control", payload: "c", final: false },
        ],
        more: true,
      });
      assert.deepEqual(await store.log.head(key), { last: 4, oldest: 4, ended: false });
      for (const after of [0, 2]) {
        assert.deepEqual(await store.log.read(key, after, ALL), { outcome: "gap", oldest: 4 });
      }
      assert.deepEqual(payloadsOf(await store.log.finals(key)), ["d"]);
      assert.deepEqual(await payloads(store, key, 3), ["d"]);
      assert.deepEqual(await take(store, key), { payloads: ["d"], more: false });
      assert.deepEqual(await store.log.finals(key), []);
      assert.deepEqual(await take(store, key), { payloads: [], more: false });
    },
  },
  {
    name: "G1 G5 a stream of which all was taken goes on counting",
    async run({ store }) {
      const session = await createSession(store);
      const key = keyOf(session, "inbox");
      const other = keyOf(session, "other");
      for (const stream of [key, other]) await append(store, stream, ["a", "b"]);
      await take(store, key);
      assert.deepEqual(await store.log.head(key), { last: 2, oldest: 3, ended: false });
      assert.deepEqual(await store.log.read(key, 1, ALL), { outcome: "gap", oldest: 3 });
      assert.deepEqual(await payloads(store, key, 2), []);
      assert.deepEqual(await store.log.openStreams(session.id), ["inbox", "other"]);
      assert.equal(await append(store, key, ["c"]), 3);
      assert.deepEqual(await payloads(store, key, 2), ["c"]);
      assert.deepEqual(offsetsOf((await takePage(store, key)).events), [3]);
      assert.deepEqual(await payloads(store, other), ["a", "b"]);
      await append(store, other, ["c"], { end: true });
      assert.deepEqual(await take(store, other), { payloads: ["a", "b", "c"], more: false });
      assert.deepEqual(await store.log.head(other), { last: 3, oldest: 4, ended: true });
    },
  },
  {
    name: "G5 G7 a take keeps to the limit of events, and says whether something is left",
    async run({ store }) {
      const key = keyOf(await createSession(store), "inbox");
      await append(store, key, numbered("", 7));
      for (const [events, expected] of [
        [1, { payloads: ["1"], more: true }],
        [3, { payloads: ["2", "3", "4"], more: true }],
        [3, { payloads: ["5", "6", "7"], more: false }],
      ] as const) {
        assert.deepEqual(await take(store, key, { ...ALL, events }), expected);
      }
    },
  },
  {
    name: "G5 G7 a take keeps to the limit of UTF-8 bytes, but never returns nothing while something is kept",
    async run({ store }) {
      const key = keyOf(await createSession(store), "inbox");
      // In UTF-8 bytes: 12, 4, 4, 6, 1, 0, 0.
      await append(store, key, ["😀😀😀", "abcd", "éé", "日本", "x", "", ""]);
      for (const [bytes, expected] of [
        [1, { payloads: ["😀😀😀"], more: true }],
        [7, { payloads: ["abcd"], more: true }],
        [10, { payloads: ["éé", "日本"], more: true }],
        [1, { payloads: ["x", "", ""], more: false }],
      ] as const) {
        assert.deepEqual(await take(store, key, { ...ALL, bytes }), expected, `${bytes} bytes`);
      }
    },
  },
  {
    name: "G5 G7 a full inbox has room again for as much as was taken",
    retention: { maxEvents: 3 },
    async run({ store }) {
      const key = keyOf(await createSession(store), "inbox");
      await append(store, key, ["a", final("b"), "c"], REFUSE);
      assert.equal(await appendOutcome(store, key, "x", REFUSE), "full");
      assert.deepEqual(await take(store, key, { ...ALL, events: 2 }), { payloads: ["a", "b"], more: true });
      assert.equal(await append(store, key, ["d"], REFUSE), 4);
      assert.equal(await append(store, key, ["e"], REFUSE), 5);
      assert.equal(await appendOutcome(store, key, "x", REFUSE), "full");
      assert.deepEqual(await take(store, key), { payloads: ["c", "d", "e"], more: false });
    },
  },
  {
    name: "G5 G7 an inbox that is full by bytes has room again for as much as was taken",
    retention: { maxBytes: 10 },
    async run({ store }) {
      const key = keyOf(await createSession(store), "inbox");
      await append(store, key, ["éééé", "xy"], REFUSE);
      assert.equal(await appendOutcome(store, key, "x", REFUSE), "full");
      await take(store, key, { ...ALL, events: 1 });
      await append(store, key, ["12345678"], REFUSE);
      assert.equal(await appendOutcome(store, key, "x", REFUSE), "full");
      assert.deepEqual(await take(store, key), { payloads: ["xy", "12345678"], more: false });
    },
  },
  {
    name: "G2 G5 a take goes over the holes between events that are kept",
    retention: { maxEvents: 3 },
    async run({ store }) {
      const key = keyOf(await createSession(store));
      await append(store, key, [final("F1"), "b", final("F3"), "d", "e", "f"]);
      const { events } = await takePage(store, key, { ...ALL, events: 1 });
      assert.deepEqual(offsetsOf(events), [1]);
      assert.deepEqual(await store.log.head(key), { last: 6, oldest: 6, ended: false });
      assert.deepEqual(payloadsOf(await store.log.finals(key)), ["F3"]);
      assert.deepEqual(await take(store, key), { payloads: ["F3", "f"], more: false });
      assert.deepEqual(await store.log.head(key), { last: 6, oldest: 7, ended: false });
    },
  },
  {
    name: "G5 G7 what is too old is not taken",
    retention: { maxAgeMs: SHORT_MS },
    async run({ store, advance }) {
      const session = await createSession(store);
      const key = keyOf(session, "inbox");
      const old = keyOf(session, "old");
      const ended = keyOf(session, "ended");
      await append(store, key, ["old", final("old too")]);
      await append(store, old, ["old"]);
      await append(store, ended, ["old"], { end: true });
      await advance(SHORT_MS / 2);
      await append(store, key, ["young"]);
      await advance(SHORT_MS / 2);
      await sweepAll(store);
      assert.deepEqual(await take(store, key), { payloads: ["young"], more: false });
      for (const stream of [old, ended]) {
        assert.deepEqual(await take(store, stream), { payloads: [], more: false });
      }
      await assertUnknown(store, ended);
      assert.equal(await append(store, key, ["next"]), 4);
    },
  },
  {
    name: "G5 G6 a take asks for the fence, and never creates a stream",
    async run({ store }) {
      const session = await createSession(store);
      const key = keyOf(session, "inbox");
      const never = keyOf(session, "never");
      await append(store, key, ["a", final("b")]);
      for (const fence of [2, 1_000]) {
        assert.deepEqual(await store.log.take(key, ALL, fence), { outcome: "fenced" });
        assert.deepEqual(await store.log.take(never, ALL, fence), { outcome: "fenced" });
      }
      assert.deepEqual(await payloads(store, key), ["a", "b"]);
      assert.deepEqual(await take(store, never), { payloads: [], more: false });
      await assertUnknown(store, never);
      assert.deepEqual(await store.log.openStreams(session.id), ["inbox"]);
      assert.deepEqual(await store.log.take(keyOf({ id: "nowhere" }), ALL, 1), { outcome: "gone" });
      await store.sessions.claim(session.id, 1, "node-2");
      assert.deepEqual(await store.log.take(key, ALL, 1), { outcome: "fenced" });
      assert.deepEqual(await take(store, key, ALL, 2), { payloads: ["a", "b"], more: false });
    },
  },
  {
    name: "G5 of concurrent takes and appends each event is taken exactly once, in order",
    async run(t) {
      const key = keyOf(await createSession(t.store), "inbox");
      const workers = [t.store, await t.another()].map((store, index) => work(store, `${"ab"[index]}-`));
      const taken: readonly StoredEvent[][] = await Promise.all(workers);
      const rest = (await takePage(t.store, key)).events;
      assert.deepEqual(await take(t.store, key), { payloads: [], more: false });

      for (const events of taken) assert.deepEqual(offsetsOf(events), offsetsOf(events).toSorted(byValue));
      const all = [...taken.flat().toSorted((a, b) => a.offset - b.offset), ...rest];
      assert.deepEqual(
        offsetsOf(all),
        all.map((_, index) => index + 1),
        "what is taken last is newest",
      );
      for (const prefix of ["a-", "b-"]) {
        const ofOne = payloadsOf(all).filter((payload) => payload.startsWith(prefix));
        assert.deepEqual(ofOne, numbered(prefix, 40));
      }

      /** Takes and appends at once, again and again. Returns: what it has taken */
      async function work(store: Store, prefix: string): Promise<StoredEvent[]> {
        const own: StoredEvent[] = [];
        for (const payload of numbered(prefix, 40)) {
          const [{ events }] = await Promise.all([
            takePage(store, key, { ...ALL, events: 2 }),
            append(store, key, [payload], REFUSE),
          ]);
          own.push(...events);
        }
        return own;
      }
    },
  },
];

function byValue(a: number, b: number): number {
  return a - b;
}
