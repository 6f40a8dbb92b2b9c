import assert from "node:assert/strict";
import {
  append,
  appendOutcome,
  counted,
  createSession,
  final,
  keyOf,
  numbered,
  payloads,
} from "../fixtures.js";
import type { StoreCase } from "../store-case.js";

export const endCases: readonly StoreCase[] = [
  {
    name: "G1 an ended stream takes no further append",
    async run({ store }) {
      const key = keyOf(await createSession(store));
      await append(store, key, ["a"], { fence: 1 });
      await append(store, key, [final("b")], { fence: 1, end: true });
      assert.equal(await appendOutcome(store, key, "x"), "ended");
      assert.equal(await appendOutcome(store, key, "x", { fence: 1 }), "ended");
      assert.equal(await appendOutcome(store, key, "x", { fence: 1, end: true }), "ended");
      assert.equal(await appendOutcome(store, key, "x", { refuseWhenFull: true }), "ended");
      assert.deepEqual(await store.log.append(key, [], { end: true }), { outcome: "ended" });
      assert.deepEqual(await payloads(store, key), ["a", "b"]);
      assert.deepEqual(await store.log.head(key), { last: 2, oldest: 1, ended: true });
    },
  },
  {
    name: "G1 of concurrent ends exactly one happens",
    async run(t) {
      const stores = [t.store, await t.another()];
      const session = await createSession(t.store);
      for (const id of numbered("stream-", 5)) {
        const key = keyOf(session, id);
        await append(t.store, key, ["before"]);
        const results = await Promise.all(
          numbered("end-", 10).map(async (payload, index) => {
            const outcome = await appendOutcome(stores[index % 2] ?? t.store, key, payload, { end: true });
            return { payload, outcome };
          }),
        );
        assert.deepEqual(counted(results.map(({ outcome }) => outcome)), { ok: 1, ended: 9 });
        const winner = results.find(({ outcome }) => outcome === "ok");
        assert.deepEqual(await payloads(t.store, key), ["before", winner?.payload]);
      }
    },
  },
  {
    name: "G1 what is appended while a stream ends is before the end, or refused",
    async run(t) {
      const other = await t.another();
      const key = keyOf(await createSession(t.store));
      const appends = numbered("event-", 30).map(async (payload, index) => {
        const end = payload === "event-15";
        const outcome = await appendOutcome(index % 2 === 0 ? t.store : other, key, payload, { end });
        return { payload, outcome };
      });
      const accepted = (await Promise.all(appends)).filter(({ outcome }) => outcome === "ok");
      const kept = await payloads(t.store, key);
      assert.deepEqual(
        kept.toSorted(),
        accepted.map(({ payload }) => payload).toSorted(),
        "what was accepted is kept, what was refused is not",
      );
      assert.equal(kept.at(-1), "event-15", "nothing follows the end");
    },
  },
  {
    name: "G4 openStreams lists the streams that have not ended, oldest first",
    async run({ store }) {
      const session = await createSession(store);
      const other = await createSession(store, { id: "other" });
      assert.deepEqual(await store.log.openStreams(session.id), []);
      for (const id of ["c", "a", "d", "b"]) await append(store, keyOf(session, id), [id]);
      await append(store, keyOf(other, "theirs"), ["x"]);
      await append(store, keyOf(session, "a"), ["newer"]);
      assert.deepEqual(await store.log.openStreams(session.id), ["c", "a", "d", "b"]);
      await append(store, keyOf(session, "a"), [final("done")], { end: true });
      await append(store, keyOf(session, "at once"), [final("done")], { end: true });
      assert.deepEqual(await store.log.openStreams(session.id), ["c", "d", "b"]);
      await append(store, keyOf(session, "e"), ["e"]);
      assert.deepEqual(await store.log.openStreams(session.id), ["c", "d", "b", "e"]);
      assert.deepEqual(await store.log.openStreams("nowhere"), []);
    },
  },
];
