import { LoggingMessageNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterEach, describe, expect, it } from "vitest";
import { connectOfficialClient, type OfficialClient } from "../support/official-client.js";
import { rawRequest } from "../support/raw-http.js";
import { waitFor } from "../support/wait-for.js";
import { EVENT_STORES, type OpenedEventStore } from "./event-store-kinds.js";
import { ALL_APPS, OUR_APPS, type RunningApp, startApp } from "./running-app.js";

let app: RunningApp;
let opened: OpenedEventStore | undefined;
let official: OfficialClient | undefined;

afterEach(async () => {
  await official?.client.close();
  await app?.stop();
  await opened?.dispose();
  official = undefined;
  opened = undefined;
});

/** Connects the official client through the proxy. Returns: what it is told on the way */
async function connect(): Promise<{ readonly told: string[] }> {
  official = await connectOfficialClient(app.proxy.url);
  const told: string[] = [];
  official.client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
    told.push(String(params.data));
  });
  await waitFor("the GET stream", () => openings("GET").some(({ status }) => status === 200));
  return { told };
}

const openings = (method: string) =>
  official?.requests.filter((request) => request.method === method && request.status !== undefined) ?? [];

describe.each(ALL_APPS)("$name", { timeout: 20_000 }, ({ create }) => {
  it("opens sessions, lists, calls and streams progress; DELETE ends the session and empties the application's map", async () => {
    app = await startApp(create);
    await connect();
    const { client, transport } = official as OfficialClient;
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["echo", "work"]);
    expect(await client.callTool({ name: "echo", arguments: { text: "hi" } })).toEqual({
      content: [{ type: "text", text: "hi" }],
    });
    const progress: number[] = [];
    const working = client.callTool({ name: "work" }, undefined, {
      onprogress: (one) => progress.push(one.progress),
    });
    const call = await app.servers[0]?.call(1);
    for (const n of [1, 2, 3]) await call?.progress(n);
    call?.finish("done");
    await working;
    expect(progress).toEqual([1, 2, 3]);

    const other = await connectOfficialClient(app.proxy.url);
    const id = transport.sessionId as string;
    expect([...app.transports.keys()]).toEqual([id, other.transport.sessionId]);
    await transport.terminateSession();
    expect([...app.transports.keys()]).toEqual([other.transport.sessionId]);
    expect(openings("DELETE").map(({ status }) => status)).toEqual([200]);
    await other.client.ping();
    await other.client.close();
    for (const method of ["POST", "GET", "DELETE"]) {
      const body = method === "POST" ? { jsonrpc: "2.0", id: 1, method: "ping" } : undefined;
      const headers = { "mcp-session-id": id };
      expect((await rawRequest(app.directUrl, { method, headers, body })).status).toBe(404);
      expect((await rawRequest(app.directUrl, { method, body })).status).toBe(400);
    }
  });
});

const APPS_AND_STORES = OUR_APPS.flatMap(({ name: app, create }) =>
  EVENT_STORES.map((store) => ({ app, create, ...store })),
);

describe.each(APPS_AND_STORES)("G1 $app and $name", { timeout: 20_000 }, ({ create, open }) => {
  it("brings a call that is cut again and again its result and every notification once and in order", async () => {
    opened = open();
    app = await startApp(create, opened.eventStore);
    const { told } = await connect();
    const { client } = official as OfficialClient;
    const expected: string[] = [];
    const progress: number[] = [];
    for (let round = 1; round <= 8; round += 1) {
      const working = client.callTool({ name: "work" }, undefined, {
        onprogress: (one) => progress.push(one.progress),
      });
      const call = await app.servers[0]?.call(round);
      /** Several messages within one turn of the event loop, so mostly within one millisecond. */
      const burst = async (what: string) => {
        const texts = [1, 2, 3, 4, 5].map((n) => `${round} ${what} ${n}`);
        expected.push(...texts);
        await Promise.all(texts.map((text) => call?.notify(text)));
      };
      await burst("heard");
      await waitFor("the first burst", () => told.length === expected.length);
      app.proxy.cut();
      await burst("while away");
      await waitFor("the second burst", () => told.length === expected.length);
      await call?.progress(round);
      await burst("before the next cut");
      app.proxy.cut();
      if (round % 2 === 0) await waitFor("the third burst", () => told.length === expected.length);
      call?.finish(`result ${round}`);
      expect(await working).toMatchObject({ content: [{ text: `result ${round}` }] });
    }
    expect(told).toEqual(expected);
    expect(progress).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const resumes = openings("GET").filter(({ lastEventId }) => lastEventId !== undefined);
    expect(resumes.length).toBeGreaterThan(8);
  });

  it("brings what the server says of its own once and in order, whenever the GET stream is cut", async () => {
    opened = open();
    app = await startApp(create, opened.eventStore);
    const { told } = await connect();
    const server = app.servers[0];
    const expected: string[] = [];
    const say = async (what: string, count: number) => {
      const texts = Array.from({ length: count }, (_, n) => `${what} ${n}`);
      expected.push(...texts);
      await Promise.all(texts.map((text) => server?.say(text)));
    };
    for (let round = 1; round <= 8; round += 1) {
      if (round % 2 === 0) {
        await say(`${round} heard`, 4);
        await waitFor("what is said", () => told.length === expected.length);
      }
      app.proxy.cut();
      await say(`${round} while away`, 6);
      await waitFor("what was said meanwhile", () => told.length === expected.length);
    }
    expect(told).toEqual(expected);
  });
});
