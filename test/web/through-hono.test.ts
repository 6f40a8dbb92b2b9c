import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { LoggingMessageNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { Hono } from "hono";
import { compress } from "hono/compress";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { timeout } from "hono/timeout";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CuttingProxy } from "../support/cutting-proxy.js";
import { connectOfficialClient } from "../support/official-client.js";
import { RawClient } from "../support/raw-client.js";
import { rawRequest } from "../support/raw-http.js";
import { SseFollower } from "../support/sse-follower.js";
import { waitFor } from "../support/wait-for.js";
import { WebEndpoint } from "./web-endpoint.js";
import { initialize, ping, toolCall } from "./web-request.js";

let http: Server | undefined;
let served: WebEndpoint;
afterEach(async () => {
  vi.restoreAllMocks();
  await served.endpoint.close();
  http?.closeAllConnections();
  await new Promise((resolve) => http?.close(resolve));
});

/** Serves what an application makes of the endpoint's handler on a real socket. Returns: the address of /mcp */
async function start(
  application: (handle: WebEndpoint["handle"]) => Hono,
  options: ConstructorParameters<typeof WebEndpoint>[0] = {},
): Promise<string> {
  served = new WebEndpoint({ retryMs: 20, ...options });
  http = createServer(getRequestListener(application(served.handle).fetch, { overrideGlobalObjects: false }));
  await new Promise<void>((resolve) => http?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
}

const plain = (handle: WebEndpoint["handle"]) => new Hono().all("/mcp", (c) => handle(c.req.raw));

describe("Hono on a real socket", { timeout: 20_000 }, () => {
  it("G1 serves the official client, across cuts in the middle of calls", async () => {
    const url = await start(plain);
    const proxy = await CuttingProxy.start(Number(new URL(url).port));
    const { client, requests } = await connectOfficialClient(proxy.url);
    const told: unknown[] = [];
    client.setNotificationHandler(
      LoggingMessageNotificationSchema,
      ({ params }) => void told.push(params.data),
    );
    const expected: string[] = [];
    for (let round = 1; round <= 10; round += 1) {
      const working = client.callTool({ name: "work" });
      const call = await served.servers[0]?.call(round);
      for (const when of ["heard", "while away", "after"]) {
        const texts = [1, 2, 3].map((n) => `${round} ${when} ${n}`);
        expected.push(...texts);
        await Promise.all(texts.map((text) => call?.notify(text)));
        if (when === "heard") await waitFor("the first ones", () => told.length === expected.length);
        proxy.cut();
      }
      call?.finish(`result ${round}`);
      expect(await working).toMatchObject({ content: [{ text: `result ${round}` }] });
    }
    expect(told).toEqual(expected);
    expect(requests.filter(({ lastEventId }) => lastEventId !== undefined).length).toBeGreaterThan(10);
    await client.close();
    await proxy.stop();
    await served.untilNothingIsLeft();
  });

  it("logs nothing of clients that go away, at whatever moment", async () => {
    const written = (["error", "warn", "info", "log"] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation(() => {}),
    );
    const url = await start(plain);
    const client = await RawClient.open(url);
    const reading = await client.post(toolCall(1));
    await (await served.servers[0]?.call(1))?.notify("heard");
    await reading.untilMessages(1);
    const listening = await client.get();
    for (const answer of [reading, listening]) answer.cut();
    const flooded = await client.post(toolCall(2));
    flooded.pause();
    const flood = await served.servers[0]?.call(2);
    for (let n = 0; n < 50; n += 1) await flood?.notify("x".repeat(100_000));
    flooded.cut();
    await served.untilNothingIsLeft();
    await (await client.post(ping(3))).untilOver();
    expect(written.flatMap(({ mock }) => mock.calls)).toEqual([]);
  });

  it("streams through middleware: CORS, compression, ETags, time limits, other headers", async () => {
    const url = await start((handle) =>
      new Hono()
        .use(cors({ origin: "https://page.example", exposeHeaders: ["mcp-session-id"] }))
        .use(compress(), etag(), timeout(10_000))
        .use(async (c, next) => {
          await next();
          c.header("x-own", "1");
        })
        .all("/mcp", (c) => handle(c.req.raw)),
    );
    const client = await RawClient.open(url);
    const headers = { ...client.headers, "accept-encoding": "gzip, br" };
    const answer = await SseFollower.open(url, { method: "POST", headers, body: toolCall(1) });
    const call = await served.servers[0]?.call(1);
    for (const count of [1, 2, 3]) {
      await call?.notify(`${count}`);
      await answer.untilMessages(count);
    }
    expect(["content-encoding", "etag", "x-own"].map((name) => answer.header(name))).toEqual([
      undefined,
      undefined,
      "1",
    ]);
    expect(answer.header("cache-control")).toBe("no-cache, no-transform");
    call?.finish("done");
    await answer.untilOver();
    expect(answer.messages).toHaveLength(4);
  });

  it("tells an application that has parsed the body to hand it on, and serves it when it does", async () => {
    const url = await start((handle) =>
      new Hono()
        .post("/mcp", async (c) => {
          const parsedBody = await c.req.json();
          return c.req.query("handed") ? handle(c.req.raw, { parsedBody }) : handle(c.req.raw);
        })
        .all("/mcp", (c) => handle(c.req.raw)),
    );
    const refused = await rawRequest(url, { method: "POST", body: initialize() });
    expect([refused.status, refused.body]).toEqual([500, expect.stringContaining("parsedBody")]);
    const client = await RawClient.open(`${url}?handed=1`);
    expect((await client.get()).status).toBe(200);
  });

  it("hands on what authentication middleware has found out", async () => {
    const url = await start(
      (handle) =>
        new Hono().all("/mcp", (c) => {
          const authInfo = { token: c.req.header("authorization") ?? "", clientId: "c", scopes: [] };
          return handle(c.req.raw, { authInfo });
        }),
      { principal: () => ({ issuer: "test", subject: "ada", client: "c" }) },
    );
    const { headers } = await RawClient.open(url);
    const request = { method: "POST", headers: { ...headers, authorization: "one" }, body: toolCall(1) };
    const answer = await SseFollower.open(url, request);
    const call = await served.servers[0]?.call(1);
    expect(call?.extra.authInfo).toEqual({ token: "one", clientId: "c", scopes: [] });
    call?.finish("done");
    await answer.untilOver();
  });

  it.each([
    { how: "app.mount", application: (handle: WebEndpoint["handle"]) => new Hono().mount("/mcp", handle) },
    {
      how: "app.route",
      application: (handle: WebEndpoint["handle"]) =>
        new Hono().route(
          "/mcp",
          new Hono().all("/", (c) => handle(c.req.raw)),
        ),
    },
  ])("serves it mounted by $how, whatever comes as a second argument", async ({ application }) => {
    const url = await start(application);
    const client = await RawClient.open(url);
    const answer = await client.post(toolCall(1, "echo", { text: "hi" }));
    await answer.untilOver();
    expect(answer.messages).toHaveLength(1);
  });

  it("answers HEAD without a stream that nobody reads", async () => {
    const url = await start((handle) =>
      new Hono().get("/mcp", (c) => handle(c.req.raw)).post("/mcp", (c) => handle(c.req.raw)),
    );
    const { headers } = await RawClient.open(url);
    const head = await rawRequest(url, {
      method: "HEAD",
      headers: { ...headers, accept: "text/event-stream" },
    });
    expect([head.status, head.body]).toEqual([405, ""]);
    expect(served.endpoint.stats().connections).toBe(0);
  });
});
