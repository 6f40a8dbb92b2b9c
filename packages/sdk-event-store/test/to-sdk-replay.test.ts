import { setImmediate as turn } from "node:timers/promises";
import type { Store } from "@durable-mcp/contract";
import { createMemoryBackend, createMemoryStore } from "@durable-mcp/store-memory";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

let store: Store;
beforeEach(() => {
  store = createMemoryStore();
});
afterEach(() => store.close());

describe("G1 order and completeness", () => {
  it("replays from every position what came after it, in order, with the ids it was stored under", async () => {
    const events = toSdkEventStore(store, { sessionId: "one" });
    const messages = [{}, ...notifications(1, 8), response(1)];
    const ids = await storeAll(events, "call", messages);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [index, id] of ids.entries()) {
      expect(await replay(events, id)).toEqual({
        streamId: "call",
        ids: ids.slice(index + 1),
        messages: messages.slice(index + 1),
      });
    }
  });

  it("keeps the order in which events of many streams are stored at once", async () => {
    const events = toSdkEventStore(store, { sessionId: "one" });
    const streams = [GET_STREAM, "a", "b"];
    const first = await Promise.all(streams.map((stream) => events.storeEvent(stream, {})));
    const stored: string[] = [];
    await Promise.all(
      notifications(1, 700).flatMap((message) =>
        streams.map(async (stream) => stored.push(await events.storeEvent(stream, message))),
      ),
    );
    for (const [index, id] of first.entries()) {
      const replayed = await replay(events, id);
      expect(replayed.streamId).toBe(streams[index]);
      expect(replayed.messages).toEqual(notifications(1, 700));
      // Whoever waited for them was told in that order too.
      expect(stored.filter((each) => replayed.ids.includes(each))).toEqual(replayed.ids);
    }
  });

  it("acknowledges what is stored during a replay only once the replay is over, so that one of the two delivers it", async () => {
    const events = toSdkEventStore(store, { sessionId: "one" });
    const [first = ""] = await storeAll(events, GET_STREAM, notifications(0, 300));
    const told: unknown[] = [];
    let during: Promise<unknown> | undefined;
    await events.replayEventsAfter(first, {
      send: async (_id, { params }) => {
        told.push(params.data);
        during ??= events.storeEvent(GET_STREAM, notification(301)).then(() => told.push("stored"));
        // Another stream waits for nothing.
        await events.storeEvent("call", {});
        if (told.length < 5) await turn();
      },
    });
    // What the transport does now, before anything else that waits goes on.
    for (let n = 0; n < 50; n += 1) await Promise.resolve();
    told.push("connected");
    await during;
    expect(told).toEqual([...notifications(1, 300).map(({ params }) => params.data), "connected", "stored"]);
  });

  it("gives back any message, and takes any stream id, as they are", async () => {
    const events = toSdkEventStore(store, { sessionId: "é.😀/%2F\n" });
    const texts = ["", 'é 😀 \u2028 "\\ \u0000', "\ud800", "x".repeat(1_000_000)];
    const messages = [{}, ...texts.map((data) => ({ jsonrpc: "2.0", method: "m", params: { data } })), []];
    for (const stream of ["a.b", "_", "a%2Fb", "é 😀\r\n", "s".repeat(300)]) {
      const ids = await storeAll(events, stream, messages);
      for (const id of ids) expect(id).toMatch(/^[!-~]+$/);
      expect(await replay(events, ids[0] ?? "")).toEqual({
        streamId: stream,
        ids: ids.slice(1),
        messages: messages.slice(1),
      });
    }
  });

  it("has event ids of moderate length", async () => {
    const events = toSdkEventStore(store, { sessionId: "s".repeat(500) });
    expect((await events.storeEvent(crypto.randomUUID(), {})).length).toBeLessThan(80);
  });
});

describe("G3 isolation", () => {
  const SESSIONS = ["ada", "bob", "ad", "ada/"];

  it("keeps apart what sessions store under the same stream id", async () => {
    const all = SESSIONS.map((sessionId) => toSdkEventStore(store, { sessionId }));
    const first = await Promise.all(all.map((events) => events.storeEvent(GET_STREAM, {})));
    for (const [index, events] of all.entries()) await events.storeEvent(GET_STREAM, notification(index));
    for (const [index, events] of all.entries()) {
      expect((await replay(events, first[index] ?? "")).messages).toEqual([notification(index)]);
    }
  });

  it("answers another session's event id like one that never was", async () => {
    const [ada, bob] = ["ada", "bob"].map((sessionId) => toSdkEventStore(store, { sessionId }));
    if (!ada || !bob) throw new Error("No handles");
    const ids = await storeAll(ada, GET_STREAM, notifications(1, 3));
    await storeAll(bob, GET_STREAM, notifications(11, 13));
    for (const id of ids) {
      await expect(replay(bob, id)).rejects.toMatchObject(NOT_REPLAYABLE);
      expect((await replay(ada, id)).streamId).toBe(GET_STREAM);
    }
  });

  it("has nothing to do with the sessions of an endpoint on the same store", async () => {
    const limits = { ttlMs: 60_000, maxPerPrincipal: 10, maxTotal: 10 };
    const session = { id: "mine", principal: "", nodeId: "node", shape: {}, state: {} };
    await store.sessions.create(session, limits);
    const events = toSdkEventStore(store, { sessionId: "mine" });
    expect(await events.exists()).toBe(false);
    await events.storeEvent(GET_STREAM, {});
    await events.terminate();
    expect(await store.sessions.get("mine")).toMatchObject({ id: "mine", fence: 1 });
    expect((await store.sessions.list("", { limit: 10 })).sessions.map(({ id }) => id)).toEqual(["mine"]);
  });
});

describe("G2 an event id that is good for nothing", () => {
  it("is refused whatever is wrong with it, and nothing is sent", async () => {
    const events = toSdkEventStore(store, { sessionId: "one" });
    const [first = "", last = ""] = await storeAll(events, GET_STREAM, notifications(1, 2));
    const [, mark = "", epoch = "", stream = ""] = first.split(".");
    const wrong = [
      ...["", "0", "garbage", "...", "%", "é", "x".repeat(100_000), `${first}x`, ` ${first}`],
      ...[
        `1.${mark}.${epoch}.%zz`,
        `1.${mark}.${epoch}.%00`,
        `1.${mark}.${epoch}.other`,
        `1.${mark}.${epoch}.`,
      ],
      ...[0, -1, 1.5, 3, 4, 2 ** 53, "01"].map((offset) => `${offset}.${mark}.${epoch}.${stream}`),
      `1.AAAAAAAA.${epoch}.${stream}`,
      `1.${mark}.zzz.${stream}`,
      // Each of the two is right, but not for the other's place.
      `2.${mark}.${epoch}.${stream}`,
    ];
    const untouched = async () => {
      throw new Error("Something was sent");
    };
    for (const id of wrong) {
      await expect(events.replayEventsAfter(id, { send: untouched }), id).rejects.toMatchObject(
        NOT_REPLAYABLE,
      );
    }
    expect((await replay(events, last)).messages).toEqual([]);
    const other = toSdkEventStore(store, { sessionId: "other" });
    await expect(replay(other, first)).rejects.toMatchObject(NOT_REPLAYABLE);
    expect(await other.exists()).toBe(false);
  });
});

describe("G2 a session that ends during a replay", () => {
  it("makes the replay fail: it may have missed something", async () => {
    const events = toSdkEventStore(store, { sessionId: "one" });
    const [first = ""] = await storeAll(events, GET_STREAM, notifications(1, 3));
    const sent: unknown[] = [];
    const send = async (_id: string, message: unknown) => {
      sent.push(message);
      await toSdkEventStore(store, { sessionId: "one" }).terminate();
    };
    await expect(events.replayEventsAfter(first, { send })).rejects.toMatchObject(NOT_REPLAYABLE);
    expect(sent).toEqual(notifications(2, 3));
  });
});

describe("G4 several handles for one session", () => {
  it("see the same events, and continue each other's streams", async () => {
    const backend = createMemoryBackend();
    const open = () => toSdkEventStore(createMemoryStore({ backend }), { sessionId: "one" });
    const first = open();
    const ids = await storeAll(first, GET_STREAM, notifications(1, 2));
    const second = open();
    expect(await second.exists()).toBe(true);
    ids.push(...(await storeAll(second, GET_STREAM, notifications(3, 4))));
    ids.push(...(await storeAll(first, GET_STREAM, notifications(5, 6))));
    for (const events of [first, second, open()]) {
      expect(await replay(events, ids[0] ?? "")).toEqual({
        streamId: GET_STREAM,
        ids: ids.slice(1),
        messages: notifications(2, 6),
      });
    }
  });

  it("may begin at once", async () => {
    const handles = Array.from({ length: 5 }, () => toSdkEventStore(store, { sessionId: "one" }));
    const ids = await Promise.all(handles.map((events, n) => events.storeEvent(GET_STREAM, notification(n))));
    expect((await replay(handles[4] ?? toSdkEventStore(store, { sessionId: "" }), ids[0] ?? "")).ids).toEqual(
      ids.slice(1),
    );
  });
});
