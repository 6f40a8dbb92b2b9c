import { createMemoryStore } from "@durable-mcp/store-memory";
import { InMemoryEventStore } from "@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js";
import type { EventStore } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { describe, expect, it } from "vitest";
import { toSdkEventStore } from "../src/index.js";

const store = createMemoryStore();

describe("toSdkEventStore", () => {
  it.each([
    [{}, "options.sessionId: expected a non-empty string"],
    [{ sessionId: "" }, "options.sessionId: expected a non-empty string"],
    [{ sessionId: 7 }, "options.sessionId: expected a non-empty string"],
    [{ sessionId: "a", idleTtlMs: 0 }, "options.idleTtlMs: expected an integer >= 1"],
    [{ sessionId: "a", idleTtlMs: 1.5 }, "options.idleTtlMs: expected an integer >= 1"],
    [{ sessionId: "a", idleTtlMs: "1h" }, "options.idleTtlMs: expected an integer >= 1"],
    [{ sessionId: "a", maxSessions: null }, "options.maxSessions: expected an integer >= 1"],
    [{ sessionId: "a", sessionID: "b" }, "options.sessionID: unknown option"],
    [
      { ttlMs: 1, maxSessions: -1 },
      "options.sessionId: expected a non-empty string; options.maxSessions: expected an integer >= 1; options.ttlMs: unknown option",
    ],
    [undefined, "options: expected an object with `sessionId`"],
    ["one", "options: expected an object with `sessionId`"],
  ])("refuses %j and says what is wrong", (options, complaint) => {
    expect(() => toSdkEventStore(store, options as never)).toThrow(
      new TypeError(`toSdkEventStore: ${complaint}`),
    );
  });

  it("refuses what is no store of ours, the SDK's event stores included", () => {
    for (const wrong of [
      undefined,
      null,
      {},
      "store",
      new InMemoryEventStore(),
      { log: {}, sessions: null },
    ]) {
      expect(() => toSdkEventStore(wrong as never, { sessionId: "a" })).toThrow(
        new TypeError("toSdkEventStore: store: expected a store of Durable MCP"),
      );
    }
  });

  it("takes undefined for an option that is not given", async () => {
    const options = { sessionId: "a", idleTtlMs: undefined, maxSessions: undefined };
    const events = toSdkEventStore(store, options as never);
    await events.storeEvent("call", {});
    expect(await events.exists()).toBe(true);
  });

  it("returns what the SDK's transport takes, but for the optional method that makes it refuse resumes", () => {
    const events: EventStore = toSdkEventStore(store, { sessionId: "a" });
    expect(Object.keys(events).sort()).toEqual(["exists", "replayEventsAfter", "storeEvent", "terminate"]);
  });
});
