import { InMemoryEventStore } from "@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js";
import { describe, expect, it } from "vitest";
import { fromSdkEventStore } from "../src/index.js";
import { PlainEventStore } from "./event-stores.js";
import { append, createSession, numbered, readAll } from "./log-fixture.js";

/** Texts that a store of parsed messages could not give back as they were. */
const UNSTORABLE = [
  "",
  "no JSON",
  '"a string"',
  "7",
  "null",
  '{"n":1, "spaced":true}',
  '{"2":"second","1":"first"}',
  '{"twice":1,"twice":2}',
  '{"n":1.0}',
  '{"n":12345678901234567890}',
  '{"escaped":"\\u0041"}',
];

/** Texts that come back as they were. */
const STORABLE = [
  "{}",
  "[1,2]",
  numbered(1, { text: 'é 😀 \u2028 \n "quoted" \\ \u0000' }),
  numbered(2, { lone: "\ud800" }),
  '{"__proto__":{"polluted":true},"constructor":1}',
  `{"deep":${"[".repeat(500)}${"]".repeat(500)}}`,
];

describe.each([
  { name: "a plain store", create: () => new PlainEventStore() },
  { name: "the SDK's example", create: () => new InMemoryEventStore() },
])("G1 fromSdkEventStore over $name", ({ create }) => {
  it.each([
    { what: "each on its own", group: 1 },
    { what: "three at a time", group: 3 },
    { what: "all in one append", group: 100 },
  ])("gives back every text byte for byte, $what", async ({ group }) => {
    const store = fromSdkEventStore(create());
    const key = (await createSession(store, "one"))();
    const texts = STORABLE.flatMap((text, index) => [text, ...UNSTORABLE.slice(index * 2, index * 2 + 2)]);
    expect(texts.length).toBe(STORABLE.length + UNSTORABLE.length);
    for (let from = 0; from < texts.length; from += group) {
      await append(store, key, texts.slice(from, from + group));
    }
    for (let after = 0; after <= texts.length; after += 1) {
      expect(await readAll(store, key, after)).toEqual(texts.slice(after));
    }
    await store.close();
  });
});

describe("What the event store gets", () => {
  it("is the messages, parsed, behind an event that is no message; control events and other texts stay here", async () => {
    const events = new PlainEventStore();
    const store = fromSdkEventStore(events);
    const keyOf = await createSession(store, "one");
    await append(store, keyOf("a"), [
      numbered(1),
      { kind: "control", payload: '{"type":"x"}' },
      "no JSON",
      numbered(2),
    ]);
    await append(store, keyOf("b"), [numbered(3)]);
    const streams = new Set(events.events.map(({ streamId }) => streamId));
    expect(streams.size).toBe(2);
    // Ids that stores which cut them at a separator can take.
    for (const streamId of streams) expect(streamId).toMatch(/^[0-9a-f]{32}$/);
    const parsed = [1, 2, 3].map((n) => JSON.parse(numbered(n)));
    expect(events.events.map(({ message }) => message).filter((message) => "n" in Object(message))).toEqual(
      parsed,
    );
    // One for each stream, or more where the clock has not moved on meanwhile.
    const others = events.events.filter(({ message }) => !("n" in Object(message)));
    expect(new Set(others.map(({ streamId }) => streamId))).toEqual(streams);
    for (const { message } of others) expect(message).toEqual({});
    await store.close();
  });

  it("must be an event store", () => {
    for (const wrong of [undefined, null, {}, { storeEvent: () => {} }, "store"]) {
      expect(() => fromSdkEventStore(wrong as never)).toThrow(
        new TypeError("fromSdkEventStore: expected { storeEvent, replayEventsAfter }"),
      );
    }
  });

  it("makes a store that neither outlives the process nor is shared, and is closed for good", async () => {
    const store = fromSdkEventStore(new PlainEventStore());
    const key = (await createSession(store, "one"))();
    expect(store.capabilities).toEqual({ durable: false, shared: false });
    await store.ready();
    await store.close();
    await expect(append(store, key, [numbered(1)])).rejects.toMatchObject({ code: "STORE_CLOSED" });
  });
});
