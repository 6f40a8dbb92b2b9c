import assert from "node:assert/strict";
import type { EventInput, Store } from "@durable-mcp/contract";
import { ALL, append, createSession, keyOf, LONG_MS, message, payloads, tryCreate } from "../fixtures.js";
import type { StoreCase } from "../store-case.js";

type Call = (store: Store) => Promise<unknown>;

const KEY = keyOf({ id: "session" });
const { signal } = new AbortController();
const nothing = () => {};

const EVERY_METHOD: Readonly<Record<string, Call>> = {
  "log.append": ({ log }) => log.append(KEY, [message("a")]),
  "log.read": ({ log }) => log.read(KEY, 0, ALL),
  "log.finals": ({ log }) => log.finals(KEY),
  "log.head": ({ log }) => log.head(KEY),
  "log.openStreams": ({ log }) => log.openStreams("session"),
  "log.trim": ({ log }) => log.trim(KEY, 1, 1),
  "log.take": ({ log }) => log.take(KEY, ALL, 1),
  "log.watch": ({ log }) => log.watch(KEY, nothing, signal),
  "sessions.create": (store) => tryCreate(store, { id: "other" }),
  "sessions.get": ({ sessions }) => sessions.get("session"),
  "sessions.update": ({ sessions }) => sessions.update("session", { fence: 1 }, {}),
  "sessions.touch": ({ sessions }) => sessions.touch("session", LONG_MS),
  "sessions.claim": ({ sessions }) => sessions.claim("session", 1, "node-2"),
  "sessions.release": ({ sessions }) => sessions.release("session", 2),
  "sessions.terminate": ({ sessions }) => sessions.terminate("session"),
  "sessions.list": ({ sessions }) => sessions.list("alice", { limit: 1 }),
  "sessions.sweep": ({ sessions }) => sessions.sweep(1),
  "nodes.heartbeat": ({ nodes }) => nodes.heartbeat("node-1", LONG_MS),
  "nodes.isAlive": ({ nodes }) => nodes.isAlive("node-1"),
  "changes.publish": ({ changes }) => changes.publish({ topic: "t", payload: "p" }),
  "changes.subscribe": ({ changes }) => changes.subscribe(nothing, { onGap: nothing, signal }),
  ready: (store) => store.ready(),
};

const MISTAKES: Readonly<Record<string, Call>> = {
  "append: empty session id": ({ log }) => log.append({ sessionId: "", streamId: "s" }, [message("a")]),
  "append: empty stream id": ({ log }) => log.append({ sessionId: "s", streamId: "" }, [message("a")]),
  "append: nothing to do": ({ log }) => log.append(KEY, []),
  "append: fence 0": ({ log }) => log.append(KEY, [message("a")], { fence: 0 }),
  "append: fence 1.5": ({ log }) => log.append(KEY, [message("a")], { fence: 1.5 }),
  "read: negative offset": ({ log }) => log.read(KEY, -1, ALL),
  "read: offset 0.5": ({ log }) => log.read(KEY, 0.5, ALL),
  "read: offset NaN": ({ log }) => log.read(KEY, Number.NaN, ALL),
  "read: no events": ({ log }) => log.read(KEY, 0, { events: 0, bytes: 1 }),
  "read: no bytes": ({ log }) => log.read(KEY, 0, { events: 1, bytes: 0 }),
  "head: empty stream id": ({ log }) => log.head({ sessionId: "s", streamId: "" }),
  "trim: negative offset": ({ log }) => log.trim(KEY, -1, 1),
  "trim: fence 0": ({ log }) => log.trim(KEY, 1, 0),
  "take: no events": ({ log }) => log.take(KEY, { ...ALL, events: 0 }, 1),
  "take: no bytes": ({ log }) => log.take(KEY, { ...ALL, bytes: 0 }, 1),
  "take: fence 0": ({ log }) => log.take(KEY, ALL, 0),
  "create: empty id": (store) => tryCreate(store, { id: "" }),
  "create: no time to live": (store) => tryCreate(store, { id: "x", ttlMs: 0 }),
  "create: infinite time to live": (store) => tryCreate(store, { id: "x", ttlMs: Number.POSITIVE_INFINITY }),
  "create: a shape that is none": (store) => tryCreate(store, { id: "x", shape: "text" as never }),
  "update: a state that is none": ({ sessions }) =>
    sessions.update("session", { fence: 1 }, { state: null as never }),
  "touch: no time to live": ({ sessions }) => sessions.touch("session", 0),
  "claim: no node": ({ sessions }) => sessions.claim("session", 1, ""),
  "claim: fence 0": ({ sessions }) => sessions.claim("session", 0, "node-2"),
  "list: limit 0": ({ sessions }) => sessions.list("alice", { limit: 0 }),
  "sweep: limit 0": ({ sessions }) => sessions.sweep(0),
  "heartbeat: no time to live": ({ nodes }) => nodes.heartbeat("node-1", 0),
  "isAlive: no node": ({ nodes }) => nodes.isAlive(""),
};

export const lifecycleCases: readonly StoreCase[] = [
  {
    name: "G8 an open store is ready and serves every method",
    async run({ store }) {
      await store.ready();
      await createSession(store);
      for (const call of Object.values(EVERY_METHOD)) await call(store);
    },
  },
  {
    name: "G8 after close every method rejects with STORE_CLOSED, and closing again does nothing",
    async run({ store }) {
      await createSession(store);
      const closing = store.close();
      for (const [method, call] of Object.entries(EVERY_METHOD)) await assertClosed(method, call(store));
      await closing;
      for (const [method, call] of Object.entries(EVERY_METHOD)) await assertClosed(method, call(store));
      await store.close();
    },
  },
  {
    name: "G5 closing one handle leaves the others open",
    needs: "shared",
    async run(t) {
      const other = await t.another();
      const session = await createSession(t.store);
      await append(other, keyOf(session), ["a"]);
      await other.close();
      assert.deepEqual(await payloads(t.store, keyOf(session)), ["a"]);
      await t.store.ready();
    },
  },
  {
    name: "G8 a programmer's mistake is a TypeError, and does nothing",
    async run({ store }) {
      await createSession(store);
      await append(store, KEY, ["a"]);
      const record = await store.sessions.get("session");
      for (const [mistake, call] of Object.entries(MISTAKES)) {
        await assert.rejects(call(store), TypeError, mistake);
      }
      assert.deepEqual(await store.sessions.get("session"), record);
      assert.deepEqual(await payloads(store, KEY), ["a"]);
    },
  },
  {
    name: "G1 what the store returns is the caller's own",
    async run({ store }) {
      await createSession(store, { state: { list: ["a"] } });
      const input: EventInput & { payload: string } = { ...message("a") };
      await store.log.append(KEY, [input]);
      input.payload = "changed";
      const page = await store.log.read(KEY, 0, ALL);
      assert.ok(page.outcome === "page");
      tamper(page.events);
      tamper(await store.log.openStreams("session"));
      tamper((await store.sessions.list("alice", { limit: 10 })).sessions);
      tamper((await store.sessions.get("session"))?.state.list as string[]);
      assert.deepEqual(await payloads(store, KEY), ["a"]);
      assert.deepEqual(await store.log.openStreams("session"), [KEY.streamId]);
      const { sessions } = await store.sessions.list("alice", { limit: 10 });
      assert.deepEqual(
        sessions.map(({ state }) => state),
        [{ list: ["a"] }],
      );
    },
  },
  {
    name: "G4 G5 the store promises nothing that this harness leaves untested",
    async run({ store, capabilities }) {
      assert.equal(store.capabilities.shared, capabilities.shared, "shared");
      assert.ok(capabilities.durable || !store.capabilities.durable, "durable");
    },
  },
];

async function assertClosed(method: string, call: Promise<unknown>): Promise<void> {
  await assert.rejects(call, { name: "DurableMcpError", code: "STORE_CLOSED", retryable: false }, method);
}

/** Empties a list as a careless caller would; one that is frozen is as safe. */
function tamper(list: readonly unknown[]): void {
  if (!Object.isFrozen(list)) (list as unknown[]).length = 0;
}
