import assert from "node:assert/strict";
import type { JsonObject } from "@durable-mcp/contract";
import {
  ALL,
  append,
  assertUnknown,
  counted,
  createSession,
  final,
  keyOf,
  LONG_MS,
  payloads,
  SHORT_MS,
  tryCreate,
} from "../fixtures.js";
import type { StoreCase } from "../store-case.js";

const ODD_JSON: JsonObject = {
  text: "é 😀 \u2028 \u0000 ' \" \\",
  numbers: [0, -1, 1.5, 1e21, Number.MAX_SAFE_INTEGER],
  nested: { deep: [{ er: [[], {}, null, true, false, ""] }] },
  "": "empty name",
  "odd.name:é": 1,
};

export const sessionRecordCases: readonly StoreCase[] = [
  {
    name: "G4 a created session is there as it was given, with fence 1 and version 1",
    async run(t) {
      const record = await createSession(t.store, {
        id: "s",
        principal: "alice",
        nodeId: "node-7",
        shape: ODD_JSON,
        state: { chat: "c" },
        ttlMs: LONG_MS,
      });
      const { createdAtMs, expiresAtMs, ...rest } = record;
      assert.deepEqual(rest, {
        id: "s",
        principal: "alice",
        nodeId: "node-7",
        fence: 1,
        version: 1,
        shape: ODD_JSON,
        state: { chat: "c" },
      });
      assert.ok(Number.isSafeInteger(createdAtMs), "createdAtMs is a whole number of ms");
      assert.equal(expiresAtMs - createdAtMs, LONG_MS);
      assert.deepEqual(await t.store.sessions.get("s"), record);
      assert.deepEqual(await (await t.another()).sessions.get("s"), record);
      assert.equal(await t.store.sessions.get("S"), undefined);
    },
  },
  {
    name: "G9 an id that is live is not created again, and its session is unharmed",
    async run({ store }) {
      const record = await createSession(store, { principal: "alice" });
      await append(store, keyOf(record), ["a"]);
      assert.deepEqual(await tryCreate(store, { principal: "mallory" }), { outcome: "exists" });
      assert.deepEqual(await tryCreate(store, { principal: "alice" }), { outcome: "exists" });
      assert.deepEqual(await store.sessions.get(record.id), record);
      assert.deepEqual(await payloads(store, keyOf(record)), ["a"]);
      assert.deepEqual((await store.sessions.list("mallory", { limit: 10 })).sessions, []);
    },
  },
  {
    name: "G9 of concurrent creates of one id exactly one happens",
    async run(t) {
      const stores = [t.store, await t.another()];
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          tryCreate(stores[index % 2] ?? t.store, { principal: `p-${index}` }),
        ),
      );
      assert.deepEqual(counted(results.map(({ outcome }) => outcome)), { ok: 1, exists: 11 });
      const winner = results.find((result) => result.outcome === "ok");
      assert.deepEqual(await t.store.sessions.get("session"), winner?.outcome === "ok" && winner.record);
    },
  },
  {
    name: "G4 the store keeps a copy of shape and state, without undefined members",
    async run({ store }) {
      const state = { kept: ["a"], absent: undefined };
      await createSession(store, { state });
      state.kept.push("b");
      const read = await store.sessions.get("session");
      assert.deepEqual(read?.state, { kept: ["a"] });
      assert.ok(read && !("absent" in read.state));
      const change = { n: { m: 1 } };
      await store.sessions.update("session", { fence: 1 }, { shape: change });
      change.n.m = 2;
      assert.deepEqual((await store.sessions.get("session"))?.shape, { n: { m: 1 } });
    },
  },
  {
    name: "G4 an update replaces what it names and counts the version",
    async run({ store }) {
      const record = await createSession(store, { shape: { a: 1, b: 2 }, state: { c: 3 } });
      const update = (change: { shape?: JsonObject; state?: JsonObject }) =>
        store.sessions.update(record.id, { fence: 1 }, change);
      const second = { ...record, version: 2, shape: { a: 9 } };
      assert.deepEqual(await update({ shape: { a: 9 } }), { outcome: "ok", record: second });
      const third = { ...second, version: 3, state: ODD_JSON };
      assert.deepEqual(await update({ state: ODD_JSON }), { outcome: "ok", record: third });
      const fourth = { ...third, version: 4, shape: {}, state: {} };
      assert.deepEqual(await update({ shape: {}, state: {} }), { outcome: "ok", record: fourth });
      assert.deepEqual(await store.sessions.get(record.id), fourth);
      assert.deepEqual(await store.sessions.update("nowhere", { fence: 1 }, {}), { outcome: "gone" });
    },
  },
  {
    name: "G4 an update for another version is a conflict and learns the present record",
    async run({ store }) {
      const { id } = await createSession(store);
      const first = await store.sessions.update(id, { fence: 1, version: 1 }, { state: { n: 1 } });
      assert.ok(first.outcome === "ok");
      const conflict = { outcome: "conflict", record: first.record };
      for (const version of [1, 3]) {
        const late = await store.sessions.update(id, { fence: 1, version }, { state: { n: 2 } });
        assert.deepEqual(late, conflict);
      }
      assert.deepEqual(await store.sessions.get(id), first.record);
      const next = await store.sessions.update(id, { fence: 1, version: 2 }, { state: { n: 3 } });
      assert.equal(next.outcome, "ok");
    },
  },
  {
    name: "G4 of concurrent updates for one version exactly one happens",
    async run(t) {
      const stores = [t.store, await t.another()];
      const { id } = await createSession(t.store);
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          (stores[n % 2] ?? t.store).sessions.update(id, { fence: 1, version: 1 }, { state: { n } }),
        ),
      );
      assert.deepEqual(counted(results.map(({ outcome }) => outcome)), { ok: 1, conflict: 9 });
      const winner = results.find((result) => result.outcome === "ok");
      assert.deepEqual(await t.store.sessions.get(id), winner?.outcome === "ok" && winner.record);
    },
  },
  {
    name: "G7 touch moves the expiry, never to an earlier time, and changes nothing else",
    async run({ store }) {
      const record = await createSession(store, { ttlMs: LONG_MS });
      assert.deepEqual(await store.sessions.touch(record.id, SHORT_MS), { outcome: "ok" });
      assert.deepEqual(await store.sessions.get(record.id), record);
      assert.deepEqual(await store.sessions.touch(record.id, 2 * LONG_MS), { outcome: "ok" });
      const touched = await store.sessions.get(record.id);
      assert.ok(touched && touched.expiresAtMs >= record.createdAtMs + 2 * LONG_MS);
      assert.deepEqual({ ...touched, expiresAtMs: 0 }, { ...record, expiresAtMs: 0 });
    },
  },
  {
    name: "G7 touch never creates or revives a session",
    async run({ store }) {
      const { id } = await createSession(store);
      await store.sessions.terminate(id);
      for (const gone of [id, "never"]) {
        assert.deepEqual(await store.sessions.touch(gone, LONG_MS), { outcome: "gone" });
        assert.equal(await store.sessions.get(gone), undefined);
      }
      assert.deepEqual((await store.sessions.list("alice", { limit: 10 })).sessions, []);
    },
  },
  {
    name: "G7 G9 a terminated session is gone with its streams, for every method",
    async run(t) {
      const other = await t.another();
      const { id } = await createSession(t.store);
      const key = keyOf({ id });
      await append(t.store, key, ["a", final("b")]);
      assert.deepEqual(await t.store.sessions.terminate(id), { outcome: "ok" });
      for (const store of [t.store, other]) {
        assert.equal(await store.sessions.get(id), undefined);
        await assertUnknown(store, key);
        assert.deepEqual(await store.log.openStreams(id), []);
        assert.equal((await store.log.append(key, [final("x")])).outcome, "gone");
        assert.equal((await store.log.trim(key, 1, 1)).outcome, "gone");
        assert.equal((await store.log.take(key, ALL, 1)).outcome, "gone");
        assert.equal((await store.sessions.update(id, { fence: 1 }, { state: {} })).outcome, "gone");
        assert.equal((await store.sessions.claim(id, 1, "node-2")).outcome, "gone");
        assert.equal((await store.sessions.release(id, 1)).outcome, "gone");
        assert.equal((await store.sessions.touch(id, LONG_MS)).outcome, "gone");
        assert.equal((await store.sessions.terminate(id)).outcome, "gone");
      }
    },
  },
  {
    name: "G9 of concurrent terminates exactly one happens",
    async run(t) {
      const stores = [t.store, await t.another()];
      const { id } = await createSession(t.store);
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, index) => (stores[index % 2] ?? t.store).sessions.terminate(id)),
      );
      assert.deepEqual(counted(results.map(({ outcome }) => outcome)), { ok: 1, gone: 7 });
    },
  },
  {
    name: "G1 G3 a session created anew under an ended one's id has nothing of it",
    async run({ store }) {
      await createSession(store, { principal: "alice", shape: { a: 1 }, state: { a: 1 } });
      const key = keyOf({ id: "session" });
      const ended = keyOf({ id: "session" }, "ended");
      await append(store, key, ["old", final("old final")]);
      await append(store, ended, ["old"], { end: true });
      await store.sessions.update("session", { fence: 1 }, { state: { a: 2 } });
      await store.sessions.claim("session", 1, "node-2");
      await store.sessions.terminate("session");

      const record = await createSession(store, { principal: "bob" });
      assert.deepEqual(
        [record.fence, record.version, record.shape, record.state, record.principal],
        [1, 1, {}, {}, "bob"],
      );
      await assertUnknown(store, key);
      await assertUnknown(store, ended);
      assert.deepEqual(await store.log.openStreams("session"), []);
      assert.equal(await append(store, key, ["new"], { fence: 1 }), 1);
      assert.deepEqual(await payloads(store, key), ["new"]);
      assert.equal(await append(store, ended, ["new"]), 1);
      assert.deepEqual(await store.log.finals(key), []);
      assert.deepEqual((await store.sessions.list("alice", { limit: 10 })).sessions, []);
    },
  },
];
