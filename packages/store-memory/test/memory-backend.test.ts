import type { Retention, Store } from "@durable-mcp/contract";
import { describe, expect, it, vi } from "vitest";
import { createMemoryBackend, createMemoryStore } from "../src/index.js";

const EMPTY = { sessions: 0, streams: 0, events: 0, watchers: 0 };
const HOUR_MS = 3_600_000;

function setUp(retention: Partial<Retention> = {}) {
  const clock = { nowMs: 1_700_000_000_000 };
  const backend = createMemoryBackend({ retention, now: () => clock.nowMs });
  return { clock, backend, store: createMemoryStore({ backend }) };
}

function create(store: Store, id: string, ttlMs = HOUR_MS) {
  const session = { id, principal: `principal of ${id}`, nodeId: "node", shape: {}, state: {} };
  return store.sessions.create(session, { ttlMs, maxPerPrincipal: 1, maxTotal: 1_000 });
}

function say(store: Store, sessionId: string, streamId: string, count = 1, end = false) {
  const events = Array.from({ length: count }, () => ({ kind: "message", payload: "hello" }) as const);
  return store.log.append({ sessionId, streamId }, events, { end });
}

describe("several stores on one backend", () => {
  it("see the same data, which outlives them all", async () => {
    const { backend, store: first } = setUp();
    const second = createMemoryStore({ backend });
    await create(first, "a");
    await say(second, "a", "s", 3);
    expect(await first.log.head({ sessionId: "a", streamId: "s" })).toMatchObject({ last: 3 });
    await first.close();
    await second.close();
    const third = createMemoryStore({ backend });
    expect(await third.log.head({ sessionId: "a", streamId: "s" })).toMatchObject({ last: 3 });
    expect(await createMemoryStore().sessions.get("a")).toBeUndefined();
  });

  it("closing one ends its watches and subscriptions, and only its own", async () => {
    const { backend, store: first } = setUp();
    const second = createMemoryStore({ backend });
    await create(first, "a");
    const key = { sessionId: "a", streamId: "s" };
    const { signal } = new AbortController();
    const [heard1, heard2] = [vi.fn(), vi.fn()];
    await first.log.watch(key, heard1, signal);
    await first.changes.subscribe(heard1, { onGap: () => {}, signal });
    await second.log.watch(key, heard2, signal);
    await second.changes.subscribe(heard2, { onGap: () => {}, signal });
    expect(backend.usage().watchers).toBe(2);
    await first.close();
    expect(backend.usage().watchers).toBe(1);
    await say(second, "a", "s");
    await second.changes.publish({ topic: "t", payload: "" });
    await Promise.resolve();
    expect(heard1).not.toHaveBeenCalled();
    expect(heard2).toHaveBeenCalledTimes(2);
  });
});

describe("a signal", () => {
  it("stops what is on its way to a watcher or subscriber", async () => {
    const { store } = setUp();
    await create(store, "a");
    const controller = new AbortController();
    const [wake, listener] = [vi.fn(), vi.fn()];
    await store.log.watch({ sessionId: "a", streamId: "s" }, wake, controller.signal);
    await store.changes.subscribe(listener, { onGap: () => {}, signal: controller.signal });
    const under = [say(store, "a", "s"), store.changes.publish({ topic: "t", payload: "" })];
    controller.abort();
    await Promise.all(under);
    expect(wake).not.toHaveBeenCalled();
    expect(listener).not.toHaveBeenCalled();
  });
});

describe("a backend holds nothing of what is over (G7)", () => {
  it("after sessions were terminated", async () => {
    const { backend, store } = setUp({ maxEndedStreams: 2 });
    const wake = vi.fn();
    for (const id of ["a", "b", "c"]) {
      await create(store, id);
      for (const stream of ["1", "2", "3", "4"]) {
        await say(store, id, stream, 10, stream !== "4");
        await store.log.watch({ sessionId: id, streamId: stream }, wake, new AbortController().signal);
      }
    }
    expect(backend.usage()).toEqual({ sessions: 3, streams: 9, events: 90, watchers: 12 });
    for (const id of ["a", "b", "c"]) await store.sessions.terminate(id);
    expect(wake).toHaveBeenCalledTimes(12);
    expect(backend.usage()).toEqual(EMPTY);
    expect(await store.sessions.sweep(1)).toEqual({ more: false });
  });

  it("after sessions expired and were swept, in steps no larger than the limit", async () => {
    const { clock, backend, store } = setUp();
    for (let number = 0; number < 25; number += 1) {
      await create(store, `${number}`, 1_000);
      await say(store, `${number}`, "s", 2);
    }
    clock.nowMs += 1_000;
    expect(await store.sessions.sweep(10)).toEqual({ more: true });
    expect(backend.usage().sessions).toBe(15);
    expect(await store.sessions.sweep(10)).toEqual({ more: true });
    expect(await store.sessions.sweep(10)).toEqual({ more: false });
    expect(backend.usage()).toEqual(EMPTY);
  });

  it("after events aged, in steps no larger than the limit", async () => {
    const { clock, backend, store } = setUp({ maxAgeMs: 1_000 });
    await create(store, "a");
    for (let number = 0; number < 25; number += 1) await say(store, "a", `${number}`, 4, number % 2 === 0);
    clock.nowMs += 1_000;
    expect(await store.sessions.sweep(10)).toEqual({ more: true });
    expect(backend.usage().events).toBe(60);
    while ((await store.sessions.sweep(10)).more);
    expect(backend.usage()).toMatchObject({ events: 0, streams: 12 });
  });

  it("after the later events of a stream aged, too", async () => {
    const { clock, backend, store } = setUp({ maxAgeMs: 1_000 });
    await create(store, "a");
    for (const expected of [1, 2, 2, 2]) {
      await say(store, "a", "s");
      await store.sessions.sweep(10);
      expect(backend.usage().events).toBe(expected);
      clock.nowMs += 500;
    }
    for (const expected of [1, 0]) {
      await store.sessions.sweep(10);
      expect(backend.usage().events).toBe(expected);
      clock.nowMs += 500;
    }
  });

  it("after watches were stopped, also of what never existed", async () => {
    const { backend, store } = setUp();
    const controller = new AbortController();
    for (const id of ["a", "b", "b"]) {
      await store.log.watch({ sessionId: id, streamId: id }, () => {}, controller.signal);
    }
    expect(backend.usage().watchers).toBe(3);
    controller.abort();
    expect(backend.usage()).toEqual(EMPTY);
  });

  it("after many sessions came and went, were touched, and ended in any order", async () => {
    const { clock, backend, store } = setUp({ maxAgeMs: 5_000 });
    for (let round = 0; round < 300; round += 1) {
      clock.nowMs += 100;
      await create(store, `${round}`, 1_000 + ((round * 7) % 10) * 300);
      await say(store, `${round}`, "s", 3, round % 3 === 0);
      await store.sessions.touch(`${round - 3}`, 2_000);
      if (round % 4 === 0) await store.sessions.terminate(`${round - 5}`);
      if (round % 10 === 0) while ((await store.sessions.sweep(2)).more);
      expect(backend.usage().sessions).toBeLessThan(60);
    }
    clock.nowMs += 5_000;
    while ((await store.sessions.sweep(2)).more);
    expect(backend.usage()).toEqual(EMPTY);
  });
});
