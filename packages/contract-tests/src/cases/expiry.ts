import assert from "node:assert/strict";
import type { Store } from "@durable-mcp/contract";
import {
  append,
  assertUnknown,
  createSession,
  eventually,
  final,
  keyOf,
  LONG_MS,
  numbered,
  payloads,
  SHORT_MS,
  sweepAll,
} from "../fixtures.js";
import type { StoreCase } from "../store-case.js";

export const expiryCases: readonly StoreCase[] = [
  {
    name: "G7 a session lives until it expires, and from then on does not exist, swept or not",
    async run(t) {
      const other = await t.another();
      const { id } = await createSession(t.store, { ttlMs: SHORT_MS });
      const key = keyOf({ id });
      await append(t.store, key, ["a", final("b")], { fence: 1 });
      await t.advance(SHORT_MS / 2);
      assert.equal((await t.store.sessions.get(id))?.id, id);
      assert.deepEqual(await payloads(t.store, key), ["a", "b"]);
      await t.advance(SHORT_MS / 2);
      for (const store of [t.store, other]) {
        await assertGone(store, id);
        await sweepAll(store);
        await assertGone(store, id);
      }
    },
  },
  // Each method must see by itself that the session has expired, before another one has removed it.
  ...Object.entries(methodsOfASession()).map(
    ([method, check]): StoreCase => ({
      name: `G7 ${method} is the first to meet an expired session`,
      async run({ store, advance }) {
        const { id } = await createSession(store, { ttlMs: SHORT_MS });
        await append(store, keyOf({ id }), ["a", final("b")]);
        await advance(SHORT_MS);
        await check(store, id);
      },
    }),
  ),
  {
    name: "G1 G3 a session created anew under an expired one's id has nothing of it, swept or not",
    async run({ store, advance }) {
      const key = keyOf({ id: "session" });
      for (const sweeps of [false, true]) {
        await createSession(store, { ttlMs: SHORT_MS, state: { old: true } });
        await store.sessions.claim("session", 1, "node-2");
        await append(store, key, ["old", final("old final")]);
        await advance(SHORT_MS);
        if (sweeps) await sweepAll(store);
        const record = await createSession(store, { ttlMs: SHORT_MS });
        assert.deepEqual([record.fence, record.version, record.state], [1, 1, {}]);
        await assertUnknown(store, key);
        assert.equal(await append(store, key, ["new"]), 1);
        await sweepAll(store);
        assert.deepEqual(
          await payloads(store, key),
          ["new"],
          "what was left of the old one took nothing along",
        );
        await store.sessions.terminate("session");
      }
    },
  },
  {
    name: "G7 touch keeps a session alive, and its streams with it",
    async run({ store, advance }) {
      const { id } = await createSession(store, { ttlMs: SHORT_MS });
      const key = keyOf({ id });
      await append(store, key, ["a"]);
      await advance(SHORT_MS / 2);
      await store.sessions.touch(id, 2 * SHORT_MS);
      await advance(SHORT_MS);
      await sweepAll(store);
      assert.equal((await store.sessions.get(id))?.id, id);
      assert.deepEqual(await payloads(store, key), ["a"]);
      assert.equal(await append(store, key, ["b"], { fence: 1 }), 2);
      await advance(SHORT_MS);
      await assertGone(store, id);
    },
  },
  {
    name: "G7 a shorter touch does not let a session expire sooner",
    async run({ store, advance }) {
      const { id } = await createSession(store, { ttlMs: LONG_MS });
      await append(store, keyOf({ id }), ["a"]);
      await store.sessions.touch(id, SHORT_MS);
      await advance(SHORT_MS);
      await sweepAll(store);
      assert.equal((await store.sessions.get(id))?.id, id);
      assert.deepEqual(await payloads(store, keyOf({ id })), ["a"]);
    },
  },
  {
    name: "G7 appends and claims do not extend a session's life",
    async run({ store, advance }) {
      const { id } = await createSession(store, { ttlMs: SHORT_MS });
      await advance(SHORT_MS / 2);
      await append(store, keyOf({ id }), ["a"]);
      await store.sessions.claim(id, 1, "node-2");
      await store.sessions.update(id, { fence: 2 }, { state: { a: 1 } });
      await advance(SHORT_MS / 2);
      await assertGone(store, id);
    },
  },
  {
    name: "G7 sweeping in small steps comes to an end and spares what lives",
    retention: { maxAgeMs: 2 * SHORT_MS },
    async run({ store, advance }) {
      for (const id of numbered("dies-", 7)) {
        await createSession(store, { id, ttlMs: SHORT_MS });
        for (const stream of numbered("", 3)) await append(store, keyOf({ id }, stream), ["a"]);
      }
      for (const id of numbered("lives-", 3)) {
        await createSession(store, { id });
        await append(store, keyOf({ id }, "old"), ["a"], { end: true });
      }
      await advance(SHORT_MS);
      await sweepAll(store, 1);
      for (const id of numbered("lives-", 3)) {
        assert.deepEqual(await payloads(store, keyOf({ id }, "old")), ["a"]);
        await append(store, keyOf({ id }, "new"), ["b"]);
      }
      await advance(SHORT_MS);
      await sweepAll(store, 2);
      for (const id of numbered("lives-", 3)) {
        await assertUnknown(store, keyOf({ id }, "old"));
        assert.deepEqual(await payloads(store, keyOf({ id }, "new")), ["b"]);
        assert.equal((await store.sessions.get(id))?.id, id);
      }
      for (const id of numbered("dies-", 7)) await assertGone(store, id);
      assert.deepEqual(await store.sessions.sweep(100), { more: false });
    },
  },
  {
    name: "G7 the watchers of a session that expired are woken by the sweep",
    async run(t) {
      const other = await t.another();
      const { id } = await createSession(t.store, { ttlMs: SHORT_MS });
      const controller = new AbortController();
      let wakes = 0;
      const wake = () => {
        wakes += 1;
      };
      await other.log.watch(keyOf({ id }), wake, controller.signal);
      await t.advance(SHORT_MS);
      await sweepAll(t.store);
      await eventually("the watcher is woken", () => wakes > 0);
      controller.abort();
    },
  },
];

function methodsOfASession(): Record<string, (store: Store, id: string) => Promise<void>> {
  const gone = { outcome: "gone" };
  return {
    get: async (store, id) => assert.equal(await store.sessions.get(id), undefined),
    touch: async (store, id) => assert.deepEqual(await store.sessions.touch(id, LONG_MS), gone),
    update: async (store, id) => {
      assert.deepEqual(await store.sessions.update(id, { fence: 1 }, { state: { a: 1 } }), gone);
    },
    claim: async (store, id) => assert.deepEqual(await store.sessions.claim(id, 1, "node-2"), gone),
    release: async (store, id) => assert.deepEqual(await store.sessions.release(id, 1), gone),
    terminate: async (store, id) => assert.deepEqual(await store.sessions.terminate(id), gone),
    list: async (store, id) => {
      const { sessions } = await store.sessions.list("alice", { limit: 100 });
      assert.ok(!sessions.some((session) => session.id === id));
    },
    append: async (store, id) => {
      assert.deepEqual(await store.log.append(keyOf({ id }), [final("c")], { fence: 1 }), gone);
    },
    trim: async (store, id) => assert.deepEqual(await store.log.trim(keyOf({ id }), 1, 1), gone),
    take: async (store, id) => {
      assert.deepEqual(await store.log.take(keyOf({ id }), { events: 10, bytes: 10 }, 1), gone);
    },
    read: async (store, id) => {
      const result = await store.log.read(keyOf({ id }), 0, { events: 10, bytes: 10 });
      assert.deepEqual(result, { outcome: "unknown" });
    },
    head: async (store, id) => assert.equal(await store.log.head(keyOf({ id })), undefined),
    finals: async (store, id) => assert.deepEqual(await store.log.finals(keyOf({ id })), []),
    openStreams: async (store, id) => assert.deepEqual(await store.log.openStreams(id), []),
  };
}

async function assertGone(store: Store, id: string): Promise<void> {
  for (const check of Object.values(methodsOfASession())) await check(store, id);
}
