import assert from "node:assert/strict";
import {
  ALL,
  append,
  appendOutcome,
  counted,
  createSession,
  keyOf,
  numbered,
  readPage,
} from "../fixtures.js";
import type { StoreCase } from "../store-case.js";

export const fencingCases: readonly StoreCase[] = [
  {
    name: "G6 a claim raises the fence and changes the owner, and nothing else",
    async run({ store }) {
      const record = await createSession(store, { shape: { a: 1 }, state: { b: 2 } });
      const claimed = await store.sessions.claim(record.id, 1, "node-2");
      assert.deepEqual(claimed, { outcome: "ok", record: { ...record, fence: 2, nodeId: "node-2" } });
      assert.deepEqual(await store.sessions.get(record.id), { ...record, fence: 2, nodeId: "node-2" });
      const again = await store.sessions.claim(record.id, 2, "node-2");
      assert.equal(again.outcome === "ok" && again.record.fence, 3);
    },
  },
  {
    name: "G6 a claim with another fence is lost and learns the present record",
    async run({ store }) {
      const { id } = await createSession(store);
      await store.sessions.claim(id, 1, "node-2");
      const current = await store.sessions.get(id);
      for (const fence of [1, 3, 100]) {
        assert.deepEqual(await store.sessions.claim(id, fence, "node-3"), {
          outcome: "lost",
          record: current,
        });
      }
      assert.deepEqual(await store.sessions.get(id), current);
      assert.deepEqual(await store.sessions.claim("nowhere", 1, "node-2"), { outcome: "gone" });
    },
  },
  {
    name: "G6 of concurrent claims exactly one wins",
    async run(t) {
      const stores = [t.store, await t.another()];
      const { id } = await createSession(t.store);
      for (const fence of [1, 2, 3, 4, 5]) {
        const results = await Promise.all(
          numbered("node-", 12).map(async (nodeId, index) => {
            const result = await (stores[index % 2] ?? t.store).sessions.claim(id, fence, nodeId);
            return { nodeId, result };
          }),
        );
        assert.deepEqual(counted(results.map(({ result }) => result.outcome)), { ok: 1, lost: 11 });
        const winner = results.find(({ result }) => result.outcome === "ok");
        const record = await t.store.sessions.get(id);
        assert.equal(record?.nodeId, winner?.nodeId);
        assert.equal(record?.fence, fence + 1);
        for (const { result } of results) {
          assert.ok(result.outcome !== "gone");
          assert.equal(result.record.nodeId, winner?.nodeId, "losers learn who won");
        }
      }
    },
  },
  {
    name: "G6 a stale fence writes nothing",
    async run(t) {
      const old = t.store;
      const taker = await t.another();
      const record = await createSession(old, { shape: { v: 1 }, state: { v: 1 } });
      const key = keyOf(record);
      await append(old, key, ["before"], { fence: 1 });
      await taker.sessions.claim(record.id, 1, "node-2");

      assert.equal(await appendOutcome(old, key, "late", { fence: 1 }), "fenced");
      assert.equal(await appendOutcome(old, key, "late", { fence: 1, end: true }), "fenced");
      assert.equal(await appendOutcome(old, keyOf(record, "fresh"), "late", { fence: 1 }), "fenced");
      assert.deepEqual(await old.sessions.terminate(record.id, 1), { outcome: "fenced" });
      assert.deepEqual(await old.log.trim(key, 1, 1), { outcome: "fenced" });
      assert.deepEqual(await old.log.take(key, ALL, 1), { outcome: "fenced" });
      const change = { shape: { v: 2 }, state: { v: 2 } };
      assert.deepEqual(await old.sessions.update(record.id, { fence: 1 }, change), { outcome: "fenced" });
      assert.deepEqual(await old.sessions.update(record.id, { fence: 1, version: 1 }, change), {
        outcome: "fenced",
      });
      assert.deepEqual(await old.sessions.release(record.id, 1), { outcome: "fenced" });

      assert.equal(await append(taker, key, ["after"], { fence: 2 }), 2);
      const { events } = await readPage(taker, key);
      assert.deepEqual(
        events.map(({ payload, fence }) => [payload, fence]),
        [
          ["before", 1],
          ["after", 2],
        ],
      );
      assert.deepEqual(await taker.log.openStreams(record.id), [key.streamId]);
      assert.deepEqual(await taker.sessions.get(record.id), { ...record, fence: 2, nodeId: "node-2" });
    },
  },
  {
    name: "G6 a fence that was never given writes nothing",
    async run({ store }) {
      const { id } = await createSession(store);
      assert.equal(await appendOutcome(store, keyOf({ id }), "x", { fence: 2 }), "fenced");
      assert.deepEqual(await store.sessions.update(id, { fence: 7 }, { state: { x: 1 } }), {
        outcome: "fenced",
      });
      assert.deepEqual((await store.sessions.get(id))?.state, {});
    },
  },
  {
    name: "G5 an append without a fence asks for no ownership",
    async run({ store }) {
      const { id } = await createSession(store);
      const key = keyOf({ id }, "inbox");
      await append(store, key, ["a"]);
      await store.sessions.claim(id, 1, "node-2");
      assert.equal(await append(store, key, ["b"]), 2);
      assert.deepEqual(
        (await readPage(store, key)).events.map(({ fence }) => fence),
        [0, 0],
      );
    },
  },
  {
    name: "G10 a released session has no owner and can be claimed at once",
    async run(t) {
      const other = await t.another();
      const record = await createSession(t.store);
      assert.deepEqual(await t.store.sessions.release(record.id, 2), { outcome: "fenced" });
      assert.equal((await t.store.sessions.get(record.id))?.nodeId, "node-1");
      assert.deepEqual(await t.store.sessions.release(record.id, 1), { outcome: "ok" });
      assert.deepEqual(await other.sessions.get(record.id), { ...record, nodeId: "" });
      const claimed = await other.sessions.claim(record.id, 1, "node-2");
      assert.deepEqual(claimed, { outcome: "ok", record: { ...record, fence: 2, nodeId: "node-2" } });
      assert.deepEqual(await t.store.sessions.release(record.id, 1), { outcome: "fenced" });
      assert.deepEqual(await t.store.sessions.release("nowhere", 1), { outcome: "gone" });
    },
  },
];
