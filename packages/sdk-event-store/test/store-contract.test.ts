import { guardStore, type Store } from "@durable-mcp/contract";
import { canRun, runStoreCase, type StoreHarness, storeCases } from "@durable-mcp/contract-tests";
import { createMemoryStore } from "@durable-mcp/store-memory";
import { InMemoryEventStore } from "@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js";
import { describe, expect, it } from "vitest";
import type { SdkEventStore } from "../src/index.js";
import { SdkEventLog } from "../src/sdk-event-log.js";
import { PlainEventStore } from "./event-stores.js";

/** The index counts references: how many bytes of text are kept is up to the event store. */
const BOUND_IN_BYTES = [
  "G7 a stream keeps its newest events up to the bound on their UTF-8 bytes",
  "G7 the newest event is kept whatever its size",
  "G2 final events survive trimming by bytes",
  "G5 G7 a full inbox refuses by bytes",
  "G5 an empty inbox takes one event of any size",
  "G5 G7 an inbox that is full by bytes has room again for as much as was taken",
  "G1 G2 G7 random sequences on streams that are trimmed, age and end agree with the model",
];

/** Wrapping a text changes its length, by which these limit their pages. */
const BYTES_OF_A_PAGE = [
  "G7 a page keeps to the limit of UTF-8 bytes, but never returns nothing",
  "G5 G7 a take keeps to the limit of UTF-8 bytes, but never returns nothing while something is kept",
  "G1 G3 G6 G7 random sequences on sessions that come, go and expire agree with the model",
];

const messageOf = (payload: string) => JSON.stringify({ jsonrpc: "2.0", payload });
const payloadOf = (message: string): string => JSON.parse(message).payload;

/** The suite's texts are no JSON objects, which never reach an event store: a store that wraps them, so that they do. */
function wrapping({ log, ...store }: Store): Store {
  const unwrapped = <T extends { readonly payload: string }>(events: readonly T[]) =>
    events.map((event) => ({ ...event, payload: payloadOf(event.payload) }));
  return {
    ...store,
    log: {
      ...log,
      append: (key, events, options) => {
        const wrap = (payload: unknown) => (typeof payload === "string" ? messageOf(payload) : payload);
        return log.append(
          key,
          events.map((event) => ({ ...event, payload: wrap(event.payload) as string })),
          options,
        );
      },
      read: async (key, after, limits) => {
        const read = await log.read(key, after, limits);
        return read.outcome === "page" ? { ...read, events: unwrapped(read.events) } : read;
      },
      finals: async (key) => unwrapped(await log.finals(key)),
      take: async (key, limits, fence) => {
        const taken = await log.take(key, limits, fence);
        return taken.outcome === "ok" ? { ...taken, events: unwrapped(taken.events) } : taken;
      },
    },
  };
}

/** Stores as `fromSdkEventStore` makes them, but for a clock and a retention of the suite's choice. */
function harnessOf(createEvents: () => SdkEventStore, wrap: (store: Store) => Store): StoreHarness {
  return {
    capabilities: { durable: false, shared: false },
    sequences: 15,
    create: async ({ retention = {} }) => {
      let nowMs = Date.now();
      return {
        open: async () => {
          const memory = createMemoryStore({ retention, now: () => nowMs });
          return wrap(guardStore({ ...memory, log: new SdkEventLog(createEvents(), memory.log) }));
        },
        advance: async (ms) => {
          nowMs += ms;
        },
        destroy: async () => {},
      };
    },
  };
}

describe.each([
  {
    name: "texts that stay here",
    harness: harnessOf(
      () => new PlainEventStore(),
      (store) => store,
    ),
    leftOut: BOUND_IN_BYTES,
  },
  {
    name: "messages in a plain store",
    harness: harnessOf(() => new PlainEventStore(), wrapping),
    leftOut: [...BOUND_IN_BYTES, ...BYTES_OF_A_PAGE],
  },
  {
    name: "messages in the SDK's example store",
    harness: harnessOf(() => new InMemoryEventStore(), wrapping),
    leftOut: [...BOUND_IN_BYTES, ...BYTES_OF_A_PAGE],
  },
])("store contract: fromSdkEventStore, $name", { timeout: 30_000 }, ({ harness, leftOut }) => {
  for (const storeCase of storeCases) {
    if (leftOut.includes(storeCase.name)) continue;
    const register = canRun(storeCase, harness.capabilities) ? it : it.skip;
    register(storeCase.name, () => runStoreCase(storeCase, harness));
  }

  it("leaves out no case but those that count the bytes of texts", () => {
    const names = storeCases.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(leftOut));
  });
});
