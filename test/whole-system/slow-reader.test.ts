import { join } from "node:path";
import { parseEventId } from "@durable-mcp/contract";
import { afterEach, describe, expect, it } from "vitest";
import { ChildWithOrders } from "../support/child-with-orders.js";
import { RawClient } from "../support/raw-client.js";
import type { SseEvent } from "../support/sse-reader.js";
import { temporaryDirectory } from "../support/store-table.js";
import { UnreadSocket } from "../support/unread-socket.js";
import { waitFor } from "../support/wait-for.js";

const MiB = 1024 * 1024;
const COUNT = 1_000;
const LENGTH = 100_000;
const RETENTION_BYTES = 32 * MiB;

let child: ChildWithOrders | undefined;
let remove: (() => Promise<void>) | undefined;
afterEach(async () => {
  await child?.stop();
  await remove?.();
});

describe("G7: a client that does not read, on SQLite", () => {
  it("a call of 100 MB", { timeout: 60_000 }, async () => {
    const { server, client } = await start();
    await warmUp(server, client);
    const before = await server.ask("measure");

    const body = callOf("big", COUNT);
    const socket = await UnreadSocket.open(client.url, "POST", headersOf(client, "POST"), body);
    expect(await server.next()).toEqual({ flooded: true });
    await waitFor("the response to be stored", async () => (await server.ask("measure")).calls === 0);
    await expectBounded(server, before);

    const events = await socket.readAll();
    const streamId = streamOf(events);
    const { head } = await server.ask("head", { sessionId: client.sessionId, streamId });
    expect(JSON.parse(events.at(-1)?.data ?? "")).toMatchObject({ id: "big", result: {} });
    // The last event is the response.
    expectKept(numbersOf(events.slice(0, -1)), head.oldest);
    expect((await client.get(events.at(-1)?.id)).status).toBe(405);
  });

  it("100 MB on the GET stream", { timeout: 60_000 }, async () => {
    const { server, client } = await start();
    await warmUp(server, client);
    const before = await server.ask("measure");

    const socket = await UnreadSocket.open(client.url, "GET", headersOf(client, "GET"));
    expect(await server.ask("flood GET", { count: COUNT, length: LENGTH })).toEqual({ flooded: true });
    const stream = { sessionId: client.sessionId, streamId: "g" };
    const { head } = await waitFor("the last notification to be stored", async () => {
      const answer = await server.ask("head", stream);
      return answer.head.last === COUNT && answer;
    });
    await expectBounded(server, before);

    const isLast = (event: SseEvent | undefined) => event?.data.includes(`"${COUNT} `) ?? false;
    const events = await socket.readAll((sofar) => isLast(sofar.at(-1)));
    const withNumbers = events.filter(({ data }) => data.includes("notifications/message"));
    expectKept(numbersOf(withNumbers), head.oldest);
    expect(events.filter(({ data }) => data.includes("tools/list_changed"))).toHaveLength(1);
  });
});

async function start(): Promise<{ server: ChildWithOrders; client: RawClient }> {
  const directory = await temporaryDirectory();
  remove = directory.remove;
  const script = new URL("./slow-reader-server.mjs", import.meta.url);
  child = new ChildWithOrders(script, [join(directory.path, "store.db"), String(RETENTION_BYTES)]);
  const { port } = await child.next();
  return { server: child, client: await RawClient.open(`http://127.0.0.1:${port}/mcp`) };
}

/** Lets everything be compiled and allocated that stays. */
async function warmUp(server: ChildWithOrders, client: RawClient): Promise<void> {
  const follower = await client.post(callOf("warm", 50));
  await server.next();
  await follower.untilOver(20_000);
  await server.ask("measure");
}

/** Our own counter and the garbage collector agree that nothing piles up. */
async function expectBounded(server: ChildWithOrders, before: { usedBytes: number }): Promise<void> {
  const now = await server.ask("measure");
  console.log(
    `unread: ${now.bufferedBytes} bytes buffered, ${now.usedBytes - before.usedBytes} bytes of memory more`,
  );
  expect(now.connections).toBe(1);
  expect(now.bufferedBytes).toBeGreaterThan(0);
  expect(now.bufferedBytes).toBeLessThan(MiB);
  expect(now.usedBytes - before.usedBytes).toBeLessThan(4 * MiB);
}

/**
 * What was on its way when the client stopped reading comes first, then everything that is kept: in order, once.
 * Offsets and numbers are the same here.
 */
function expectKept(numbers: readonly number[], oldest: number): void {
  const onItsWay = numbers.findIndex((number, index) => number !== index + 1);
  const kept = numbers.slice(onItsWay);
  expect(onItsWay).toBeGreaterThan(0);
  expect(kept).toEqual(Array.from({ length: COUNT - oldest + 1 }, (_, index) => oldest + index));
  expect(kept.length * LENGTH).toBeGreaterThan(0.9 * RETENTION_BYTES);
}

function numbersOf(events: readonly SseEvent[]): number[] {
  return events
    .filter(({ data }) => data !== "")
    .map(({ data }) => Number(JSON.parse(data).params.data.split(" ", 1)[0]));
}

function streamOf(events: readonly SseEvent[]): string {
  const id = events[0]?.id ?? "";
  expect(parseEventId(id)?.stream.kind).toBe("post");
  return id.replace(/\.0\.0$/, "");
}

function callOf(id: string, count: number) {
  const params = { name: "flood", arguments: { count, length: LENGTH } };
  return { jsonrpc: "2.0", id, method: "tools/call", params };
}

function headersOf(client: RawClient, method: "GET" | "POST"): Readonly<Record<string, string>> {
  const accept = method === "GET" ? "text/event-stream" : "application/json, text/event-stream";
  return { ...client.headers, accept };
}
