import { afterEach, describe, expect, it } from "vitest";
import { type EmittingEndpoint, startEmittingEndpoint } from "../support/emitting-endpoint.js";
import { RawClient } from "../support/raw-client.js";
import type { SseEvent } from "../support/sse-reader.js";
import { type OpenedStore, STORES_AND_SDKS } from "../support/stores.js";
import { waitFor } from "../support/wait-for.js";
import { labelOf } from "./cut-and-resume-subjects.js";

let endpoint: EmittingEndpoint;
let opened: OpenedStore;
afterEach(async () => {
  await endpoint.close();
  await opened.dispose();
});

describe.each(STORES_AND_SDKS)("G2 on $kind.name, SDK $sdk: what is gone is reported", ({ kind, sdk }) => {
  const start = async (protocolVersion?: string) => {
    opened = kind.open({ maxEvents: 3, maxEndedStreams: 2 });
    endpoint = await startEmittingEndpoint(opened.store, sdk);
    return RawClient.open(endpoint.url, protocolVersion);
  };

  /** A GET stream of which the events 1 to 7 are gone and 8 to 10 are kept. */
  const trimmedGet = async (protocolVersion?: string) => {
    const client = await start(protocolVersion);
    const subscribed = {
      jsonrpc: "2.0",
      id: "s",
      method: "resources/subscribe",
      params: { uri: "test://a" },
    };
    await (await client.post(subscribed)).untilOver();
    const session = endpoint.session(client.sessionId);
    for (let n = 1; n <= 10; n += 1) await session.notify(String(n));
    const key = { sessionId: client.sessionId, streamId: "g" };
    await waitFor("all are stored", async () => (await opened.store.log.head(key))?.last === 10);
    return client;
  };
  const NOTICES = ["tools/list_changed", "resources/list_changed", "resources/updated test://a"];

  it.each(["g.2.1", "g.0.0", "g.99.1", "g.9.7", "g.end.0", undefined])(
    "GET stream, cursor %s",
    async (cursor) => {
      const client = await trimmedGet();
      const resumed = await client.get(cursor);
      await resumed.untilMessages(6);
      expect(resumed.messages.map(saidBy)).toEqual([...NOTICES, "8", "9", "10"]);
      expect([resumed.events[0]?.id, resumed.cursor]).toEqual([cursor ?? "g.0.0", "g.10.1"]);
      await endpoint.session(client.sessionId).notify("11");
      await resumed.untilMessages(7);
      expect(resumed.messages.map(saidBy).at(-1)).toBe("11");
    },
  );

  it.each(["g.2.1", "g.99.1", "g.end.0"])(
    "GET stream, cursor %s: cut after any event, the next resume still brings the report",
    async (cursor) => {
      const client = await trimmedGet();
      const whole = await client.get(cursor);
      await whole.untilMessages(6);
      const events = [...whole.events];
      for (let count = 1; count <= events.length; count += 1) {
        const seen = events.slice(0, count);
        const said = seen.filter(({ data }) => data !== "").map(({ data }) => saidBy(data));
        const next = await client.get(cursorOf(seen) ?? cursor);
        const complete = () => [...said, ...next.messages.map(saidBy)].includes("10");
        await next.until("the last event", complete);
        said.push(...next.messages.map(saidBy));
        expect([...new Set(said)], `cut after ${count} events`).toEqual([...NOTICES, "8", "9", "10"]);
        const numbers = said.filter((one) => /^\d+$/.test(one));
        expect(numbers, `cut after ${count} events`).toEqual(["8", "9", "10"]);
      }
    },
  );

  it("GET stream on an older revision: the report comes without an id and without empty data", async () => {
    const client = await trimmedGet("2025-06-18");
    const resumed = await client.get("g.2.1");
    await resumed.untilMessages(6);
    expect(resumed.messages.map(saidBy)).toEqual([...NOTICES, "8", "9", "10"]);
    expect(resumed.events.map(({ id }) => id)).toEqual([
      undefined,
      undefined,
      undefined,
      "g.8.1",
      "g.9.1",
      "g.10.1",
    ]);
  });

  it("POST stream: what is kept without holes, and the final response", async () => {
    const client = await start();
    const follower = await client.call(1);
    const call = await endpoint.session(client.sessionId).call(1);
    await follower.until("a cursor", () => follower.cursor !== undefined);
    follower.cut();
    for (let n = 1; n <= 10; n += 1) await call.notify(String(n));
    call.finish("done");
    const resumed = await client.get(follower.cursor);
    await resumed.untilOver();
    expect(resumed.messages.map(saidBy)).toEqual(["9", "10", "done"]);
    expect((await client.get(resumed.cursor)).status).toBe(405);
  });

  it("POST stream of a batch: an early response survives what is trimmed around it, and comes once", async () => {
    const client = await start("2025-03-26");
    const follower = await client.call(1, 2);
    const session = endpoint.session(client.sessionId);
    const [one, two] = [await session.call(1), await session.call(2)];
    for (let n = 1; n <= 3; n += 1) await two.notify(String(n));
    await follower.untilMessages(3);
    const cursors = follower.events.map(({ id }) => id);
    follower.cut();
    one.finish("early");
    for (let n = 4; n <= 10; n += 1) await two.notify(String(n));
    two.finish("late");
    for (const cursor of cursors) {
      const resumed = await client.get(cursor);
      await resumed.untilOver();
      expect(resumed.messages.map(saidBy), cursor).toEqual(["early", "10", "late"]);
      for (const event of resumed.events.slice(0, -1)) {
        const next = await client.get(event.id);
        await next.untilOver();
        const after = resumed.messages.slice(resumed.events.indexOf(event) + 1);
        expect(next.messages).toEqual(after);
      }
    }
  });

  it("POST stream that was forgotten: an explicit error for its id, then nothing to resume", async () => {
    const client = await start();
    const followers = [];
    for (const id of [1, 2, 3]) {
      const follower = await client.call(id);
      (await endpoint.session(client.sessionId).call(id)).finish("done");
      await follower.untilOver();
      followers.push(follower);
    }
    const resumed = await client.get(followers[0]?.events[0]?.id);
    await resumed.untilOver();
    expect(resumed.messages.map((data) => JSON.parse(data))).toMatchObject([
      { id: 1, error: { code: -31010, data: { reason: "ANSWER_LOST", retryable: true } } },
    ]);
    expect((await client.get(resumed.cursor)).status).toBe(405);
  });
});

function cursorOf(events: readonly SseEvent[]): string | undefined {
  return events.findLast(({ id }) => id !== undefined)?.id;
}

/** A message in a few words. */
function saidBy(data: string): string {
  const { method, params } = JSON.parse(data);
  if (method === undefined || method === "notifications/message") return labelOf(data);
  return [method.replace("notifications/", ""), params?.uri].filter(Boolean).join(" ");
}
