import { join } from "node:path";
import type { StreamableHTTPServerTransportOptions } from "@durable-mcp/node";
import { InMemoryEventStore } from "@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RawClient } from "../support/raw-client.js";
import { temporaryDirectory } from "../support/store-table.js";
import { EMBEDDED_STORES } from "../support/stores.js";
import { answerTo, initialize, ping, toolCall } from "./ask.js";
import { RestartableApp } from "./restartable-app.js";
import { type Options, ServedTransport } from "./served-transport.js";
import { OUR_CLASSES } from "./transport-classes.js";

describe.each(OUR_CLASSES)("G4 G9 A session that is brought back by $name", ({ Transport }) => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let app: RestartableApp;
  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(async () => {
    await app.end({ inOrder: true });
    await directory.remove();
  });
  const start = async (options: StreamableHTTPServerTransportOptions = {}) => {
    app = await RestartableApp.start(Transport, join(directory.path, "sessions.db"), options);
  };

  it("is brought back for the principal that opened it, and for nobody else", async () => {
    const principal = ({ headers }: { headers: Readonly<Record<string, string | undefined>> }) => ({
      issuer: "test",
      subject: headers.authorization || "nobody",
      client: "test",
    });
    await start({ principal });
    const body = initialize();
    await answerTo(app.url, { method: "POST", headers: { authorization: "ada" }, body });
    const [id = ""] = app.sessions.keys();
    app = await app.restart({ inOrder: true });
    const session = { "mcp-session-id": id };
    for (const authorization of ["eve", ""]) {
      for (const [method, message] of [
        ["POST", ping(1)],
        ["GET", undefined],
        ["DELETE", undefined],
      ] as const) {
        const headers = { ...session, authorization };
        expect(await answerTo(app.url, { method, headers, body: message })).toMatch(/^404 -32001 /);
      }
    }
    expect(app.told).toEqual([]);
    const headers = { ...session, authorization: "ada" };
    expect(await answerTo(app.url, { method: "POST", headers, body: ping(1) })).toBe("stream");
    expect(app.told).toEqual([`opened ${id}`]);
  });

  it("is the only one that its transport serves", async () => {
    await start();
    const [ada, bob] = [await RawClient.open(app.url), await RawClient.open(app.url)];
    app = await app.restart({ inOrder: true });
    await (await ada.post(ping(1))).untilOver();
    const { transport } = app.session(ada.sessionId);
    app.sessions.set(bob.sessionId, app.session(ada.sessionId));
    expect(await answerTo(app.url, { method: "POST", headers: bob.headers, body: ping(1) })).toMatch(
      /^404 -32001 /,
    );
    expect(await answerTo(app.url, { method: "POST", headers: bob.headers, body: initialize() })).toMatch(
      /^400 -32600 /,
    );
    app.sessions.delete(bob.sessionId);
    expect(await answerTo(app.url, { method: "POST", headers: bob.headers, body: ping(1) })).toBe("stream");
    expect(app.session(bob.sessionId).transport).not.toBe(transport);
  });

  it("is still there when the application could not take it the first time", async () => {
    let failing = false;
    const opened: string[] = [];
    const onsessioninitialized = (id: string) => {
      opened.push(id);
      if (failing) throw new Error("the application's fault");
    };
    await start({ onsessioninitialized });
    const client = await RawClient.open(app.url);
    app = await app.restart({ inOrder: true });
    failing = true;
    expect(await answerTo(app.url, { method: "POST", headers: client.headers, body: ping(1) })).toBe(
      "500 -32603 id=1",
    );
    failing = false;
    expect(await answerTo(app.url, { method: "POST", headers: client.headers, body: ping(2) })).toBe(
      "stream",
    );
    expect(opened).toEqual([client.sessionId, client.sessionId, client.sessionId]);
  });

  it("answers calls in flight of clients that cannot resume, before an orderly end", async () => {
    await start();
    const client = await RawClient.open(app.url, "2025-06-18");
    const answer = await client.post(toolCall(1));
    await app.session(client.sessionId).commanded.call(1);
    app = await app.restart({ inOrder: true });
    await answer.untilOver();
    expect(JSON.parse(answer.messages[0] ?? "{}")).toMatchObject({
      id: 1,
      error: { data: { retryable: true } },
    });
  });
});

describe.each(OUR_CLASSES)("On a durable store, in one process: $name", ({ Transport }) => {
  it("a transport that was closed leaves its session to the next one, which a DELETE closes with it", async () => {
    const { store, dispose } = (EMBEDDED_STORES[1] as (typeof EMBEDDED_STORES)[number]).open();
    const closed: string[] = [];
    const options = {
      eventStore: store,
      onsessionclosed: (id: string) => {
        closed.push(id);
      },
    } as Options;
    const [first, second, third] = [
      await ServedTransport.start(Transport, options),
      await ServedTransport.start(Transport, options),
      await ServedTransport.start(Transport, options),
    ];
    const { headers, sessionId } = await first.open();
    await first.transport.close();
    expect(await answerTo(first.url, { method: "POST", headers, body: ping(1) })).toMatch(/^404 -32001 /);
    expect(await answerTo(second.url, { method: "POST", headers, body: ping(1) })).toBe("stream");
    expect(second.transport.sessionId).toBe(sessionId);
    await second.transport.close();
    expect(await answerTo(third.url, { method: "DELETE", headers })).toBe("200");
    expect([closed, first.closes, second.closes, third.closes]).toEqual([[sessionId], 1, 1, 1]);
    await Promise.all([first.stop(), second.stop(), third.stop()]);
    await dispose();
  });
});

describe.each([
  { name: "no event store", options: () => ({}) },
  { name: "the SDK's example store", options: () => ({ eventStore: new InMemoryEventStore() }) },
  { name: "our memory store", options: () => ({ eventStore: EMBEDDED_STORES[0]?.open().store }) },
])("A transport without a session, on $name", ({ options }) => {
  it.each(OUR_CLASSES)(
    "has nothing to look for it in: 400, Server not initialized, as the SDK's class: $name",
    async ({ Transport }) => {
      const shared = options() as Options;
      const [first, second] = [
        await ServedTransport.start(Transport, shared),
        await ServedTransport.start(Transport, shared),
      ];
      const { headers } = await first.open();
      for (const [method, body] of [
        ["POST", ping(1)],
        ["GET", undefined],
        ["DELETE", undefined],
      ] as const) {
        expect(await answerTo(second.url, { method, headers, body })).toMatch(/^400 -32000 /);
      }
      expect(second.errors).toEqual(Array(3).fill("Bad Request: Server not initialized"));
      expect(await answerTo(first.url, { method: "POST", headers, body: ping(1) })).toBe("stream");
      await Promise.all([first.stop(), second.stop()]);
    },
  );
});
