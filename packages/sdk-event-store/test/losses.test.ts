import { DurableMcpError, type Store, type StreamKey } from "@durable-mcp/contract";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fromSdkEventStore } from "../src/index.js";
import { ForgetfulEventStore, PlainEventStore } from "./event-stores.js";
import { ALL, append, createSession, numbered, range, readAll } from "./log-fixture.js";

describe("G2 a store that has lost events", () => {
  let events: ForgetfulEventStore;
  let store: Store;
  let key: StreamKey;
  beforeEach(async () => {
    events = new ForgetfulEventStore();
    store = fromSdkEventStore(events);
    key = (await createSession(store, "one"))();
    for (const text of range(1, 10)) await append(store, key, [text]);
  });
  afterEach(() => store.close());

  it("reports what is gone as a gap, never as an empty page, and goes on after it", async () => {
    events.forget(({ n }) => n === undefined || n <= 6);
    for (let after = 0; after <= 5; after += 1) {
      const read = await store.log.read(key, after, ALL);
      expect(read).toMatchObject({ outcome: "gap" });
      // What follows the gap is there.
      const { oldest } = read as { oldest: number };
      expect(await readAll(store, key, oldest - 1)).toEqual(range(oldest, 10));
    }
    expect(await readAll(store, key, 7)).toEqual(range(8, 10));
    await append(store, key, [numbered(11)]);
    expect(await readAll(store, key, 7)).toEqual(range(8, 11));
  });

  it("gives up one event that is left, since it cannot be asked for: nothing before it is known", async () => {
    events.forget(({ n }) => n === undefined || n <= 6);
    expect(await store.log.read(key, 0, ALL)).toEqual({ outcome: "gap", oldest: 8 });
    expect(await store.log.read(key, 6, ALL)).toEqual({ outcome: "gap", oldest: 8 });
  });

  it("reads up to a hole, reports the hole, and reads on behind it", async () => {
    events.forget(({ n }) => n === 5 || n === 6);
    expect(await store.log.read(key, 0, ALL)).toMatchObject({ outcome: "page", ended: false });
    const page = await store.log.read(key, 1, ALL);
    expect(page.outcome === "page" && page.events.map(({ payload }) => payload)).toEqual(range(2, 4));
    expect(await store.log.read(key, 4, ALL)).toEqual({ outcome: "gap", oldest: 7 });
    expect(await readAll(store, key, 6)).toEqual(range(7, 10));
  });

  it("has, if nothing is left, a gap up to the stream's end", async () => {
    events.forget(() => true);
    expect(await store.log.read(key, 0, ALL)).toEqual({ outcome: "gap", oldest: 11 });
    expect(await store.log.read(key, 10, ALL)).toMatchObject({ outcome: "page", events: [] });
    expect(await store.log.head(key)).toMatchObject({ last: 10 });
  });

  it("leaves out the final events that are lost, and keeps the others", async () => {
    const final = (n: number) => ({ kind: "message", payload: numbered(n), final: true }) as const;
    await append(store, key, [final(11), numbered(12), final(13)], { end: true });
    events.forget(({ n }) => n === 11);
    const finals = await store.log.finals(key);
    expect(finals.map(({ offset }) => offset)).toEqual([13]);
  });
});

describe("G8 a store that fails", () => {
  /** Fails each step for which `failing` is true. */
  class FailingEventStore extends PlainEventStore {
    failing = false;
    override async storeEvent(streamId: string, message: unknown): Promise<string> {
      if (this.failing) throw new Error("out of reach");
      return super.storeEvent(streamId, message);
    }
    override async replayEventsAfter(...args: Parameters<PlainEventStore["replayEventsAfter"]>) {
      if (this.failing) throw new Error("out of reach");
      return super.replayEventsAfter(...args);
    }
  }

  it("is an outage that says so, loses nothing that was acknowledged, and passes", async () => {
    const events = new FailingEventStore();
    const store = fromSdkEventStore(events);
    const key = (await createSession(store, "one"))();
    await append(store, key, range(1, 2));
    events.failing = true;
    const failures = await Promise.allSettled([
      append(store, key, [numbered(99)]),
      store.log.read(key, 0, ALL),
      append(store, key, [numbered(99)]),
    ]);
    for (const failure of failures) {
      expect(failure).toMatchObject({ status: "rejected", reason: { code: "STORE_UNAVAILABLE" } });
      expect((failure as PromiseRejectedResult).reason).toBeInstanceOf(DurableMcpError);
    }
    events.failing = false;
    expect(await append(store, key, [numbered(3)])).toBe(3);
    expect(await readAll(store, key)).toEqual(range(1, 3));
    await store.close();
  });

  it("in the middle of an append takes nothing of it", async () => {
    const events = new FailingEventStore();
    const store = fromSdkEventStore(events);
    const key = (await createSession(store, "one"))();
    await append(store, key, [numbered(1)]);
    const storeEvent = events.storeEvent.bind(events);
    events.storeEvent = async (streamId, message) => {
      if ((message as { n: number }).n === 3) throw new Error("out of reach");
      return storeEvent(streamId, message);
    };
    await expect(append(store, key, range(2, 4))).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(await readAll(store, key)).toEqual(range(1, 1));
    events.storeEvent = storeEvent;
    await append(store, key, range(2, 4), { end: true });
    expect(await readAll(store, key)).toEqual(range(1, 4));
    await store.close();
  });
});
