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
  payloads,
} from "../fixtures.js";
import type { StoreCase } from "../store-case.js";

const REFUSE = { refuseWhenFull: true };

export const inboxCases: readonly StoreCase[] = [
  {
    name: "G5 G7 a full inbox refuses by count, and takes more once it was trimmed",
    retention: { maxEvents: 3 },
    async run({ store }) {
      const session = await createSession(store);
      const key = keyOf(session, "inbox");
      await append(store, key, ["a", "b"], REFUSE);
      const two = ["x", "y"].map((payload) => ({ kind: "message", payload }) as const);
      assert.deepEqual(await store.log.append(key, two, REFUSE), { outcome: "full" });
      await append(store, key, ["c"], REFUSE);
      assert.equal(await appendOutcome(store, key, "x", REFUSE), "full");
      assert.deepEqual(await payloads(store, key), ["a", "b", "c"], "nothing was trimmed");

      assert.deepEqual(await store.log.trim(key, 2, session.fence), { outcome: "ok" });
      assert.equal(await append(store, key, ["d"], REFUSE), 4);
      assert.equal(await append(store, key, ["e"], REFUSE), 5);
      assert.equal(await appendOutcome(store, key, "x", REFUSE), "full");
      assert.deepEqual(await payloads(store, key, 2), ["c", "d", "e"]);
    },
  },
  {
    name: "G5 G7 a full inbox refuses by bytes",
    retention: { maxBytes: 10 },
    async run({ store }) {
      const session = await createSession(store);
      const key = keyOf(session, "inbox");
      await append(store, key, ["éééé"], REFUSE);
      assert.equal(await appendOutcome(store, key, "xyz", REFUSE), "full");
      await append(store, key, ["xy"], REFUSE);
      assert.equal(await appendOutcome(store, key, "x", REFUSE), "full");
      await store.log.trim(key, 1, session.fence);
      await append(store, key, ["12345678"], REFUSE);
      assert.deepEqual(await payloads(store, key, 1), ["xy", "12345678"]);
    },
  },
  {
    name: "G5 an empty inbox takes one event of any size",
    retention: { maxBytes: 10 },
    async run({ store }) {
      const session = await createSession(store);
      const key = keyOf(session, "inbox");
      const large = "x".repeat(100);
      assert.equal(await append(store, key, [large], REFUSE), 1);
      assert.equal(await appendOutcome(store, key, "y", REFUSE), "full");
      assert.deepEqual(await payloads(store, key), [large]);
      await store.log.trim(key, 1, session.fence);
      assert.equal(await append(store, key, [large], REFUSE), 2);
    },
  },
  {
    name: "G5 G7 concurrent appends to an inbox never exceed its bound",
    retention: { maxEvents: 5 },
    async run(t) {
      const stores = [t.store, await t.another()];
      const key = keyOf(await createSession(t.store), "inbox");
      const outcomes = await Promise.all(
        numbered("", 20).map((payload, index) =>
          appendOutcome(stores[index % 2] ?? t.store, key, payload, REFUSE),
        ),
      );
      assert.equal(outcomes.filter((outcome) => outcome === "ok").length, 5);
      assert.equal(outcomes.filter((outcome) => outcome === "full").length, 15);
      assert.deepEqual(await t.store.log.head(key), { last: 5, oldest: 1, ended: false });
    },
  },
  {
    name: "G7 trim removes up to and including an offset, final events too, for good",
    async run({ store }) {
      const session = await createSession(store);
      const key = keyOf(session);
      const other = keyOf(session, "other");
      await append(store, key, ["a", final("b"), "c", final("d"), "e"]);
      await append(store, other, ["a"]);
      const trim = async (upTo: number) => (await store.log.trim(key, upTo, session.fence)).outcome;

      assert.equal(await trim(0), "ok");
      assert.deepEqual(await store.log.head(key), { last: 5, oldest: 1, ended: false });
      assert.equal(await trim(2), "ok");
      assert.deepEqual(await store.log.read(key, 0, ALL), { outcome: "gap", oldest: 3 });
      assert.deepEqual(await payloads(store, key, 2), ["c", "d", "e"]);
      assert.deepEqual(
        (await store.log.finals(key)).map(({ offset }) => offset),
        [4],
      );
      assert.equal(await trim(1), "ok", "nothing left to remove");
      assert.deepEqual(await payloads(store, key, 2), ["c", "d", "e"]);
      assert.equal(await trim(1_000), "ok", "beyond the newest");
      assert.deepEqual(await store.log.head(key), { last: 5, oldest: 6, ended: false });
      assert.deepEqual(await store.log.finals(key), []);
      assert.equal(await append(store, key, ["f"]), 6);
      assert.deepEqual(await payloads(store, key, 5), ["f"], "what came after the trim is not trimmed");
      assert.deepEqual(await payloads(store, other), ["a"]);
    },
  },
  {
    name: "G2 a final event before a hole can be trimmed, and the stream is kept from where it was",
    retention: { maxEvents: 3 },
    async run({ store }) {
      const session = await createSession(store);
      const key = keyOf(session);
      await append(store, key, [final("F1"), "b", final("F3"), "d", "e", "f"]);
      assert.deepEqual(await store.log.head(key), { last: 6, oldest: 6, ended: false });
      assert.deepEqual(await store.log.trim(key, 1, session.fence), { outcome: "ok" });
      assert.deepEqual(await store.log.head(key), { last: 6, oldest: 6, ended: false });
      assert.deepEqual(await store.log.read(key, 0, ALL), { outcome: "gap", oldest: 6 });
      assert.deepEqual(
        (await store.log.finals(key)).map(({ payload }) => payload),
        ["F3"],
      );
      assert.deepEqual(await payloads(store, key, 5), ["f"]);
    },
  },
  {
    name: "G6 G7 trim asks for the fence, and never creates a stream",
    async run({ store }) {
      const session = await createSession(store);
      const key = keyOf(session);
      await append(store, key, ["a"]);
      assert.deepEqual(await store.log.trim(key, 1, 2), { outcome: "fenced" });
      assert.deepEqual(await payloads(store, key), ["a"]);
      assert.deepEqual(await store.log.trim(keyOf(session, "never"), 5, 1), { outcome: "ok" });
      await assertUnknown(store, keyOf(session, "never"));
      assert.deepEqual(await store.log.trim(keyOf({ id: "nowhere" }), 1, 1), { outcome: "gone" });
    },
  },
];
