import { setImmediate as turn } from "node:timers/promises";
import type { Store } from "@durable-mcp/contract";
import { createMemoryBackend, createMemoryStore } from "@durable-mcp/store-memory";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { toSdkEventStore } from "../src/index.js";
import {
  GET_STREAM,
  NOT_REPLAYABLE,
  notification,
  notifications,
  replay,
  response,
  storeAll,
} from "./session-store.js";

const HOUR_MS = 3_600_000;

let store: Store;
let backend: ReturnType<typeof createMemoryBackend>;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
  open();
});
afterEach(async () => {
  await store.close();
  vi.useRealTimers();
});

function open(retention = {}): void {
  backend = createMemoryBackend({ retention });
  store = createMemoryStore({ backend });
}

describe("G2 events that are no longer kept", () => {
  it("make a resume of the GET stream fail, and one from where nothing is missing go on", async () => {
    open({ maxEvents: 5 });
    const events = toSdkEventStore(store, { sessionId: "one" });
    const ids = await storeAll(events, GET_STREAM, notifications(1, 12));
    for (const id of ids.slice(0, 6)) {
      const sent: unknown[] = [];
      const send = async (_id: string, message: unknown) => void sent.push(message);
      await expect(events.replayEventsAfter(id, { send })).rejects.toMatchObject(NOT_REPLAYABLE);
      expect(sent).toEqual([]);
    }
    for (let n = 7; n <= 12; n += 1) {
      expect((await replay(events, ids[n - 1] ?? "")).messages).toEqual(notifications(n + 1, 12));
    }
  });

  it("are made up for by a call's response, which is kept", async () => {
    open({ maxEvents: 5 });
    const events = toSdkEventStore(store, { sessionId: "one" });
    const before = await storeAll(events, "batch", [{}, notification(1), response(1)]);
    const after = await storeAll(events, "batch", [...notifications(4, 20), response(2)]);
    // The first response, then what is kept without holes: 5 events are.
    const kept = [...after.slice(-4)];
    for (const id of before.slice(0, 2)) {
      expect(await replay(events, id)).toEqual({
        streamId: "batch",
        ids: [before[2], ...kept],
        messages: [response(1), ...notifications(18, 20), response(2)],
      });
    }
    // Who has the first response does not get it again.
    expect((await replay(events, before[2] ?? "")).messages).toEqual([...notifications(18, 20), response(2)]);
    expect((await replay(events, after[3] ?? "")).messages).toEqual([...notifications(18, 20), response(2)]);
  });

  it("make a resume fail while the call has no response", async () => {
    open({ maxEvents: 5 });
    const events = toSdkEventStore(store, { sessionId: "one" });
    const [first = ""] = await storeAll(events, "call", [{}, ...notifications(1, 9)]);
    await expect(replay(events, first)).rejects.toMatchObject(NOT_REPLAYABLE);
    await events.storeEvent("call", response(1));
    expect((await replay(events, first)).messages).toEqual([...notifications(6, 9), response(1)]);
  });

  it("do no harm to a stream that was silent for long", async () => {
    const events = toSdkEventStore(store, { sessionId: "one" });
    const [call = ""] = await storeAll(events, "call", [{}]);
    const [, get = ""] = await storeAll(events, GET_STREAM, notifications(1, 2));
    vi.setSystemTime(Date.now() + 2 * HOUR_MS);
    await store.sessions.sweep(100);
    for (const id of [call, get]) expect((await replay(events, id)).messages).toEqual([]);
    await events.storeEvent("call", response(1));
    expect((await replay(events, call)).messages).toEqual([response(1)]);
  });
});

describe("G7 a session's life", () => {
  it("begins with its first event, and only then", async () => {
    const events = toSdkEventStore(store, { sessionId: "one" });
    expect(await events.exists()).toBe(false);
    await expect(replay(events, "1.abcdefgh.x.call")).rejects.toMatchObject(NOT_REPLAYABLE);
    expect(backend.usage().sessions).toBe(0);
    await events.storeEvent("call", {});
    expect(await events.exists()).toBe(true);
    expect(backend.usage().sessions).toBe(1);
  });

  it.each([
    { use: "an event", act: (events: Handle) => events.storeEvent(GET_STREAM, {}) },
    { use: "a replay", act: (events: Handle, id: string) => replay(events, id) },
    { use: "a question for it", act: (events: Handle) => events.exists() },
  ])("goes on while it is used: $use every now and then", async ({ act }) => {
    const events = toSdkEventStore(store, { sessionId: "one", idleTtlMs: 1_000 });
    const id = await events.storeEvent(GET_STREAM, {});
    for (let n = 1; n <= 30; n += 1) {
      vi.setSystemTime(Date.now() + 990);
      await act(events, id);
    }
    expect((await replay(events, id)).streamId).toBe(GET_STREAM);
  });

  it("ends when it was not used for its idle time, and a new one begins under its id", async () => {
    const events = toSdkEventStore(store, { sessionId: "one", idleTtlMs: 1_000 });
    const [old = ""] = await storeAll(events, GET_STREAM, notifications(1, 3));
    vi.setSystemTime(Date.now() + 1_000);
    const [newer = ""] = await storeAll(events, GET_STREAM, [notification(4)]);
    expect((await replay(events, old)).messages).toEqual(notifications(2, 4));

    vi.setSystemTime(Date.now() + 1_100);
    expect(await events.exists()).toBe(false);
    // The same places are taken again: an id of before names none of them.
    const ids = await storeAll(events, GET_STREAM, notifications(11, 15));
    for (const id of [old, newer]) await expect(replay(events, id)).rejects.toMatchObject(NOT_REPLAYABLE);
    expect((await replay(events, ids[0] ?? "")).messages).toEqual(notifications(12, 15));
  });

  it("is told from one of before also where the events are gone that ids could be compared with", async () => {
    open({ maxEvents: 2 });
    const events = toSdkEventStore(store, { sessionId: "one", idleTtlMs: 1_000 });
    const old = await storeAll(events, GET_STREAM, notifications(1, 3));
    vi.setSystemTime(Date.now() + 1_100);
    await storeAll(events, GET_STREAM, notifications(11, 15));
    for (const id of old) await expect(replay(events, id)).rejects.toMatchObject(NOT_REPLAYABLE);
  });

  it("ends for good by terminate(), also for calls that are still at work", async () => {
    const events = toSdkEventStore(store, { sessionId: "one" });
    const ids = await storeAll(events, GET_STREAM, notifications(1, 3));
    const late = events.storeEvent("call", {});
    await events.terminate();
    await late.catch(() => {});
    const gone = { code: "SESSION_NOT_FOUND", name: "DurableMcpError" };
    await expect(events.storeEvent("call", response(1))).rejects.toMatchObject(gone);
    await expect(replay(events, ids[0] ?? "")).rejects.toMatchObject(NOT_REPLAYABLE);
    expect(await events.exists()).toBe(false);
    expect(backend.usage()).toMatchObject({ sessions: 0, streams: 0, events: 0 });
    await events.terminate();
    await toSdkEventStore(store, { sessionId: "never was" }).terminate();
  });

  it("begins again for a handle that goes on when another one has ended it", async () => {
    const [events, other] = [1, 2].map(() => toSdkEventStore(store, { sessionId: "one" }));
    if (!events || !other) throw new Error("No handles");
    const [old = ""] = await storeAll(events, GET_STREAM, notifications(1, 3));
    await other.terminate();
    const [first = ""] = await storeAll(events, GET_STREAM, notifications(4, 6));
    expect((await replay(events, first)).messages).toEqual(notifications(5, 6));
    await expect(replay(events, old)).rejects.toMatchObject(NOT_REPLAYABLE);
  });

  it.each([0, 1, 3])(
    "leaves nothing behind if it ends while it begins, %i turns after its first event",
    async (turns) => {
      const { sessions } = store;
      // A store that is far away.
      const create: typeof sessions.create = async (...args) => {
        for (let n = 0; n < 2; n += 1) await turn();
        return sessions.create(...args);
      };
      const events = toSdkEventStore({ ...store, sessions: { ...sessions, create } }, { sessionId: "one" });
      const first = events.storeEvent("call", {}).catch(() => {});
      for (let n = 0; n < turns; n += 1) await turn();
      await events.terminate();
      await first;
      expect(backend.usage()).toMatchObject({ sessions: 0, events: 0 });
    },
  );

  it("is not more than maxSessions others at once", async () => {
    const handleOf = (sessionId: string) => toSdkEventStore(store, { sessionId, maxSessions: 2 });
    const [ada, bob, eve] = ["ada", "bob", "eve"].map(handleOf);
    await ada?.storeEvent("call", {});
    await bob?.storeEvent("call", {});
    const refusal = { code: "SESSION_QUOTA", retryable: true };
    await expect(eve?.storeEvent("call", {})).rejects.toMatchObject(refusal);
    await handleOf("ada").storeEvent("call", {});
    await ada?.terminate();
    await eve?.storeEvent("call", {});
  });
});

describe("G7 what nobody asks for any more", () => {
  it("is removed without anybody's doing, and then nothing goes on", async () => {
    const timers = vi.getTimerCount();
    const handles = ["one", "two"].map((sessionId) =>
      toSdkEventStore(store, { sessionId, idleTtlMs: 60_000 }),
    );
    for (const events of handles) await events.storeEvent("call", {});
    expect(vi.getTimerCount()).toBe(timers + 1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(backend.usage().sessions).toBe(2);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(backend.usage()).toMatchObject({ sessions: 0, events: 0 });
    expect(vi.getTimerCount()).toBe(timers);
    await handles[0]?.storeEvent("call", {});
    expect(vi.getTimerCount()).toBe(timers + 1);
    await store.close();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(vi.getTimerCount()).toBe(timers);
  });

  it("is bounded in a session that lives on: streams of calls that were answered, and of such as never are", async () => {
    open({ maxEndedStreams: 200 });
    const events = toSdkEventStore(store, { sessionId: "one" });
    const [get = ""] = await storeAll(events, GET_STREAM, notifications(1, 2));
    const [running = ""] = await storeAll(events, "runs for long", [{}]);
    for (let n = 1; n <= 2_000; n += 1) {
      const call = await storeAll(events, `call ${n}`, [{}, response(n)]);
      if (n === 1_990) expect((await replay(events, call[0] ?? "")).messages).toEqual([response(n)]);
    }
    // 100 that are open, and those that the retention keeps.
    expect(backend.usage().streams).toBeLessThan(320);
    await storeAll(events, "runs for long", [response(0)]);
    expect((await replay(events, running)).messages).toEqual([response(0)]);
    // A batch has more than one.
    for (const name of ["one", "two", "three"]) {
      const [batch = ""] = await storeAll(events, `batch ${name}`, [{}, response(-1)]);
      for (let n = 1; n < 50; n += 1) await storeAll(events, `after ${name} ${n}`, [{}, response(n)]);
      await storeAll(events, `batch ${name}`, [response(-2)]);
      expect((await replay(events, batch)).messages).toEqual([response(-1), response(-2)]);
    }

    for (let n = 1; n <= 2_000; n += 1) await events.storeEvent(`cancelled ${n}`, {});
    expect(backend.usage().streams).toBeLessThan(1_320);
    expect((await replay(events, get)).messages).toEqual([notification(2)]);
    const givenUp = { code: "STREAM_FINISHED", name: "DurableMcpError" };
    await expect(events.storeEvent("cancelled 900", response(1))).rejects.toMatchObject(givenUp);
  });
});

describe("G8 a store that is out of reach", () => {
  it("makes everything fail with the store's own error, and nothing else", async () => {
    const events = toSdkEventStore(store, { sessionId: "one" });
    const [id = ""] = await storeAll(events, GET_STREAM, notifications(1, 2));
    await store.close();
    const closed = { name: "DurableMcpError", code: "STORE_CLOSED" };
    await expect(events.storeEvent(GET_STREAM, {})).rejects.toMatchObject(closed);
    await expect(replay(events, id)).rejects.toMatchObject(closed);
    await expect(events.exists()).rejects.toMatchObject(closed);
    await expect(events.terminate()).rejects.toMatchObject(closed);
  });
});

type Handle = ReturnType<typeof toSdkEventStore>;
