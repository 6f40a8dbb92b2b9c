import { InMemoryEventStore } from "@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js";
import { afterEach, expect, it, vi } from "vitest";
import { fromSdkEventStore } from "../src/index.js";
import { append, createSession, range, readAll } from "./log-fixture.js";

afterEach(() => {
  vi.useRealTimers();
});

it("G1 a clock that is set back while a stream begins holds nothing up, and loses nothing", async () => {
  const events = new InMemoryEventStore();
  const store = fromSdkEventStore(events);
  const key = (await createSession(store, "one"))();
  const hourBackAt = (storeEvent: InMemoryEventStore["storeEvent"]): InMemoryEventStore["storeEvent"] => {
    return async (...args) => {
      const id = await storeEvent.apply(events, args);
      events.storeEvent = storeEvent;
      const clock = Date.now;
      vi.spyOn(Date, "now").mockImplementation(() => clock() - 3_600_000);
      return id;
    };
  };
  events.storeEvent = hourBackAt(events.storeEvent);
  try {
    await append(store, key, range(1, 5));
    expect(await readAll(store, key)).toEqual(range(1, 5));
  } finally {
    vi.restoreAllMocks();
    await store.close();
  }
});

it("a clock that stands still, as in somebody's test, holds nothing up", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const store = fromSdkEventStore(new InMemoryEventStore());
  expect(await append(store, (await createSession(store, "one"))(), range(1, 2))).toBe(2);
  await store.close();
});
