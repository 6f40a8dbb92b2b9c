import assert from "node:assert/strict";
import type { StreamKey } from "@durable-mcp/contract";
import { append, assertUnknown, createSession, final, keyOf, payloads, take } from "../fixtures.js";
import type { StoreCase } from "../store-case.js";

/** Ids that a careless key, pattern, query or map would take for one another. */
export const ODD_IDS: readonly string[] = [
  ..."abc",
  "A",
  "a:b",
  "b:c",
  "a:b:c",
  ":",
  "::",
  "a:",
  ":a",
  "a/b",
  "a|b",
  "a,b",
  "a.b",
  "a\nb",
  "a b",
  "a ",
  " a",
  "a%3Ab",
  "a\\b",
  "{a}",
  "{a}:b",
  "*",
  "a*",
  "?",
  "[a]",
  "%",
  "_",
  "'; --",
  '"',
  "é",
  "e\u0301",
  "😀",
  "日本",
  "ß",
  "ss",
  "1",
  "01",
  "1.0",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "undefined",
  "x".repeat(1_000),
  `${"x".repeat(1_000)}y`,
];

export const isolationCases: readonly StoreCase[] = [
  {
    name: "G3 a stream of another session is unknown, as one that never existed",
    async run(t) {
      const other = await t.another();
      const alice = await createSession(t.store, { id: "alice-session", principal: "alice" });
      const bob = await createSession(t.store, { id: "bob-session", principal: "bob" });
      await append(t.store, keyOf(alice, "secret"), ["a", final("b")]);
      for (const store of [t.store, other]) {
        await assertUnknown(store, keyOf(bob, "secret"));
        assert.deepEqual(await store.log.openStreams(bob.id), []);
      }
      assert.deepEqual(await t.store.log.trim(keyOf(bob, "secret"), 10, 1), { outcome: "ok" });
      assert.deepEqual(await take(t.store, keyOf(bob, "secret")), { payloads: [], more: false });
      await append(t.store, keyOf(bob, "secret"), ["mine"], { end: true });
      assert.deepEqual(await payloads(t.store, keyOf(bob, "secret")), ["mine"]);
      assert.deepEqual(await payloads(t.store, keyOf(alice, "secret")), ["a", "b"]);
      assert.deepEqual(await t.store.log.openStreams(alice.id), ["secret"]);
      await t.store.sessions.terminate(bob.id);
      assert.deepEqual(await payloads(t.store, keyOf(alice, "secret")), ["a", "b"]);
    },
  },
  {
    name: "G3 session ids of odd characters name different sessions",
    async run({ store }) {
      for (const id of ODD_IDS) await createSession(store, { id, principal: id, state: { id } });
      for (const id of ODD_IDS) {
        const record = await store.sessions.get(id);
        assert.deepEqual([record?.id, record?.principal, record?.state], [id, id, { id }]);
        const { sessions } = await store.sessions.list(id, { limit: 10 });
        assert.deepEqual(
          sessions.map((session) => session.id),
          [id],
        );
      }
      const [even, odd] = [0, 1].map((rest) => ODD_IDS.filter((_, index) => index % 2 === rest));
      for (const id of even ?? []) assert.deepEqual(await store.sessions.terminate(id), { outcome: "ok" });
      for (const id of even ?? []) assert.equal(await store.sessions.get(id), undefined);
      for (const id of odd ?? []) assert.equal((await store.sessions.get(id))?.id, id);
    },
  },
  {
    name: "G3 stream ids of odd characters name different streams",
    async run({ store }) {
      const session = await createSession(store);
      for (const id of ODD_IDS) await append(store, keyOf(session, id), [`stream ${id}`]);
      for (const id of ODD_IDS) assert.deepEqual(await payloads(store, keyOf(session, id)), [`stream ${id}`]);
      assert.deepEqual(await store.log.openStreams(session.id), ODD_IDS);
    },
  },
  {
    name: "G3 no pair of session and stream id is taken for another pair",
    async run({ store }) {
      const ids = ODD_IDS.slice(0, 14);
      const keys: StreamKey[] = [];
      for (const sessionId of ids) {
        await createSession(store, { id: sessionId });
        for (const streamId of ids) keys.push({ sessionId, streamId });
      }
      for (const key of keys) await append(store, key, [JSON.stringify(key)]);
      for (const key of keys) assert.deepEqual(await payloads(store, key), [JSON.stringify(key)]);
      for (const key of keys) {
        assert.deepEqual(await take(store, key), { payloads: [JSON.stringify(key)], more: false });
        assert.equal(await append(store, key, [JSON.stringify(key)]), 2);
      }
      await store.sessions.terminate("a");
      for (const key of keys) {
        if (key.sessionId === "a") await assertUnknown(store, key);
        else assert.deepEqual(await payloads(store, key, 1), [JSON.stringify(key)]);
      }
    },
  },
];
