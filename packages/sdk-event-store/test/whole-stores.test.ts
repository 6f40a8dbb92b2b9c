import type { Store } from "@durable-mcp/contract";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fromSdkEventStore } from "../src/index.js";
import { WHOLE_STORES } from "./event-stores.js";
import { ALL, append, createSession, numbered, range, readAll } from "./log-fixture.js";

describe.each(WHOLE_STORES)("fromSdkEventStore over $name", { timeout: 20_000 }, ({ create }) => {
  let store: Store;
  beforeEach(() => {
    store = fromSdkEventStore(create());
  });
  afterEach(() => store.close());

  it("G1 gives back every message once and in order, from every cursor, however many share a millisecond", async () => {
    const key = (await createSession(store, "one"))();
    const sizes = [1, 7, 1, 1, 12, 3];
    for (let first = 1; sizes.length > 0; ) {
      const size = sizes.shift() ?? 0;
      await append(store, key, range(first, first + size - 1));
      first += size;
      for (let after = 0; after < first; after += 1) {
        expect(await readAll(store, key, after)).toEqual(range(after + 1, first - 1));
      }
    }
  });

  it("G1 keeps the order in which concurrent appends were asked for", async () => {
    const keyOf = await createSession(store, "one");
    const streams = ["a", "b", "c"].map((id) => keyOf(id));
    const appends = range(1, 20).flatMap((text) => streams.map((key) => append(store, key, [text])));
    const offsets = await Promise.all(appends);
    for (const [index, key] of streams.entries()) {
      expect(await readAll(store, key)).toEqual(range(1, 20));
      expect(offsets.filter((_, n) => n % 3 === index)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    }
  });

  it("G1 a reader that reads while others append misses nothing", async () => {
    const key = (await createSession(store, "one"))();
    const read: string[] = [];
    const appends = Promise.all(range(1, 25).map((text) => append(store, key, [text])));
    while (read.length < 25) {
      const page = await store.log.read(key, read.length, ALL);
      if (page.outcome === "page") read.push(...page.events.map(({ payload }) => payload));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await appends;
    expect(read).toEqual(range(1, 25));
  });

  it("G3 keeps apart the streams of all sessions, whatever their names", async () => {
    const [ada, bob] = [await createSession(store, "ada"), await createSession(store, "bob")];
    const colliding = [await createSession(store, "a_b"), await createSession(store, "a")] as const;
    const keys = [ada(), bob(), ada("_GET_stream"), bob("_GET_stream"), ada("é:😀 .")];
    keys.push(colliding[0]("c"), colliding[1]("b_c"));
    const textOf = (n: number, index: number) => numbered(n, { stream: index });
    for (const n of [1, 2, 3]) {
      await Promise.all(keys.map((key, index) => append(store, key, [textOf(n, index)])));
    }
    for (const [index, key] of keys.entries()) {
      expect(await readAll(store, key)).toEqual([1, 2, 3].map((n) => textOf(n, index)));
    }
    expect(await store.log.read({ sessionId: "eve", streamId: "stream" }, 0, ALL)).toEqual({
      outcome: "unknown",
    });
  });

  it("G2 gives back a stream's final events, and its end once", async () => {
    const key = (await createSession(store, "one"))();
    const final = { kind: "message", payload: numbered(2), final: true } as const;
    const control = { kind: "control", payload: '{"type":"note"}', final: true } as const;
    await append(store, key, [numbered(1), final, control, numbered(4)]);
    await append(store, key, [{ ...final, payload: numbered(5) }], { end: true });
    expect(await store.log.append(key, [final])).toEqual({ outcome: "ended" });
    const finals = await store.log.finals(key);
    expect(finals.map(({ offset, kind, payload }) => [offset, kind, payload])).toEqual([
      [2, "message", numbered(2)],
      [3, "control", control.payload],
      [5, "message", numbered(5)],
    ]);
    expect(await store.log.read(key, 3, ALL)).toMatchObject({
      outcome: "page",
      ended: true,
      events: [{ payload: numbered(4) }, { payload: numbered(5), final: true }],
    });
  });

  it("G7 a page keeps to its limits in events and in UTF-8 bytes, and always brings something", async () => {
    const key = (await createSession(store, "one"))();
    const texts = [1, 2, 3, 4].map((n) => numbered(n, { text: "é".repeat(50 * n) }));
    await append(store, key, texts, { end: true });
    const [one = 0, two = 0] = texts.map((text) => Buffer.byteLength(text));
    const read = async (after: number, limits: { events: number; bytes: number }) => {
      const page = await store.log.read(key, after, limits);
      return page.outcome === "page" && [page.events.length, page.ended];
    };
    expect(await read(0, { events: 10, bytes: one + two })).toEqual([2, false]);
    expect(await read(0, { events: 10, bytes: one + two - 1 })).toEqual([1, false]);
    expect(await read(0, { events: 10, bytes: 1 })).toEqual([1, false]);
    expect(await read(3, { events: 10, bytes: 1 })).toEqual([1, true]);
    expect(await read(0, { events: 3, bytes: 1_000_000 })).toEqual([3, false]);
    expect(await readAll(store, key, 0, { events: 2, bytes: 1 })).toEqual(texts);
  });
});
