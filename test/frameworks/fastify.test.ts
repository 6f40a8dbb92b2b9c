import { createGunzip, gzipSync } from "node:zlib";
import { type McpPluginOptions, mcpPlugin } from "@durable-mcp/fastify";
import cors from "@fastify/cors";
import Fastify, { type FastifyServerOptions } from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";
import { SseFollower } from "../support/sse-follower.js";
import { waitFor } from "../support/wait-for.js";
import { errorIn, INITIALIZE, look, post, seeingEndpoint } from "./asked.js";

/** An app, closed with the test; `listen` starts it and says where. */
function createApp(options: FastifyServerOptions = {}) {
  const app = Fastify({ forceCloseConnections: true, ...options });
  onTestFinished(() => app.close());
  return { app, listen: () => app.listen({ port: 0, host: "127.0.0.1" }) };
}

describe("a plugin in Fastify", () => {
  it("answers at its path, below the prefix of its scope, and nowhere else", async () => {
    const { endpoint, queries, extras } = seeingEndpoint();
    const { app, listen } = createApp();
    app.register(
      async (scope) => {
        scope.register(mcpPlugin, { endpoint, path: "/ai" });
      },
      { prefix: "/api" },
    );
    const origin = await listen();

    const url = `${origin}/api/ai?apps=a,b`;
    expect(await look(url)).toMatchObject({ status: 200 });
    expect(queries).toEqual([{ apps: "a,b" }]);
    expect(extras).toMatchObject([{ url }]);
    expect(await post(`${origin}/ai`)).toMatchObject({ status: 404 });
    expect(await post(`${origin}/mcp`)).toMatchObject({ status: 404 });
  });

  it("may be registered twice, each with an endpoint of its own", async () => {
    const first = seeingEndpoint();
    const second = seeingEndpoint();
    const { app, listen } = createApp();
    app.register(mcpPlugin, { endpoint: first.endpoint });
    app.register(mcpPlugin, { endpoint: second.endpoint, path: "/other" });
    const origin = await listen();
    await post(`${origin}/mcp?of=first`);
    await post(`${origin}/other?of=second`);
    expect([first.queries, second.queries]).toEqual([[{ of: "first" }], [{ of: "second" }]]);
  });

  it("keeps the headers that hooks have set, CORS among them", async () => {
    const { endpoint } = seeingEndpoint({ allowedOrigins: ["http://page.example"] });
    const { app, listen } = createApp();
    app.register(cors, { origin: ["http://page.example"], credentials: true });
    app.addHook("onRequest", async (_request, reply) => {
      reply.header("x-own", "yes").header("set-cookie", ["a=1", "b=2"]);
    });
    app.register(mcpPlugin, { endpoint });
    const { status, headers } = await post(`${await listen()}/mcp`, { origin: "http://page.example" });
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/event-stream");
    expect(headers.get("x-own")).toBe("yes");
    expect(headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(headers.get("access-control-allow-credentials")).toBe("true");
    expect(headers.get("access-control-allow-origin")).toBe("http://page.example");
  });

  it("lets hooks have the last word, and asks the app's error handler", async () => {
    const { endpoint, queries } = seeingEndpoint();
    const { app, listen } = createApp();
    app.setErrorHandler((error: Error, _request, reply) => reply.status(418).send({ said: error.message }));
    app.addHook("onRequest", async ({ headers }, reply) => {
      if (headers["x-do"] === "reply") return reply.status(401).send({ who: "are you" });
    });
    app.addHook("preHandler", async ({ headers }) => {
      if (headers["x-do"] === "throw") throw new Error("not you");
    });
    app.register(mcpPlugin, { endpoint });
    const url = `${await listen()}/mcp`;
    expect(await post(url, { "x-do": "reply" })).toMatchObject({ status: 401, body: '{"who":"are you"}' });
    expect(await post(url, { "x-do": "throw" })).toMatchObject({ status: 418, body: '{"said":"not you"}' });
    expect(queries).toEqual([]);
    expect(await post(url)).toMatchObject({ status: 200 });
  });

  it("runs onResponse hooks when an answer is over", async () => {
    const { endpoint } = seeingEndpoint();
    const { app, listen } = createApp();
    const responses: number[] = [];
    app.addHook("onResponse", async (_request, reply) => {
      responses.push(reply.raw.statusCode);
    });
    app.register(mcpPlugin, { endpoint });
    const url = `${await listen()}/mcp`;
    await post(url);
    await post(url, {}, "{");
    await waitFor("both hooks", () => responses.length === 2 || undefined);
    expect(responses).toEqual([200, 400]);
  });

  it("is not limited by the app's bodyLimit, nor served by its parsers", async () => {
    const { endpoint } = seeingEndpoint({ maxBodyBytes: 1_000 });
    const { app, listen } = createApp({ bodyLimit: 10 });
    app.addContentTypeParser("*", { parseAs: "string" }, () => {
      throw new Error("not for this route");
    });
    app.post("/echo", async ({ body }) => body);
    app.register(mcpPlugin, { endpoint });
    const origin = await listen();
    expect(await post(`${origin}/mcp`)).toMatchObject({ status: 200 });
    expect(errorIn(await post(`${origin}/mcp`, {}, "x".repeat(1_001)))).toEqual({
      status: 413,
      code: -32000,
      message: "Payload Too Large: the body may have 1000 bytes at most",
    });
    // The rest of the app is as it was.
    expect(await post(`${origin}/echo`, {}, '{"a":1}')).toMatchObject({ status: 200, body: '{"a":1}' });
    expect(await post(`${origin}/echo`, {}, '{"a":12345}')).toMatchObject({ status: 413 });
  });

  it("reads what a preParsing hook has made of the body", async () => {
    const { endpoint } = seeingEndpoint();
    const { app, listen } = createApp();
    app.addHook("preParsing", async (_request, _reply, payload) => payload.pipe(createGunzip()));
    app.register(mcpPlugin, { endpoint });
    const url = `${await listen()}/mcp`;
    const packed = new Uint8Array(gzipSync(INITIALIZE));
    expect(await post(url, { "content-encoding": "gzip" }, packed)).toMatchObject({ status: 200 });
  });

  it("G9 answers a media type that Fastify cannot read, and passes no hook by", async () => {
    const { endpoint, queries } = seeingEndpoint();
    const { app, listen } = createApp();
    const passed: string[] = [];
    app.addHook("preHandler", async ({ method }) => {
      passed.push(method);
    });
    app.register(mcpPlugin, { endpoint });
    const url = `${await listen()}/mcp`;
    const unreadable = { "content-type": "json" };
    const { status, code } = errorIn(await post(url, unreadable));
    expect({ status, code }).toEqual({ status: 415, code: -32000 });
    const opened = await post(url);
    const session = { ...unreadable, "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" };
    expect(await fetch(url, { method: "DELETE", headers: session, body: "{}" })).toMatchObject({
      status: 415,
    });
    expect(await look(url)).toMatchObject({ status: 200 });
    expect(passed).toEqual(["POST", "POST", "POST", "POST"]);
    expect(queries).toHaveLength(2);
  });

  it("hands on what the app knows of the caller, and a trusted proxy's https", async () => {
    const { endpoint, extras } = seeingEndpoint({
      principal: () => ({ issuer: "test", subject: "ann", client: "cli" }),
    });
    const { app, listen } = createApp({ trustProxy: "loopback" });
    app.register(mcpPlugin, { endpoint, authInfo: ({ headers }) => ({ token: headers["x-token"] }) });
    const origin = await listen();
    await look(`${origin}/mcp`, { "x-token": "t", "x-forwarded-proto": "https" });
    expect(extras).toEqual([{ authInfo: { token: "t" }, url: `${origin.replace("http:", "https:")}/mcp` }]);
  });

  it("closes its endpoint with the app, which would wait for open streams", async () => {
    const { endpoint } = seeingEndpoint();
    const { app, listen } = createApp({ forceCloseConnections: "idle" });
    app.register(mcpPlugin, { endpoint });
    const url = `${await listen()}/mcp`;
    const opened = await post(url);
    const headers = { "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" };
    const stream = await SseFollower.open(url, { method: "GET", headers });
    expect(stream.status).toBe(200);
    await app.close();
    await stream.untilOver();
    expect(endpoint.stats()).toMatchObject({ sessions: 0, connections: 0 });
  });

  const WRONG = [
    {
      wrong: { endpoint: undefined },
      says: "options.endpoint: expected an endpoint made by createMcpEndpoint",
    },
    { wrong: { path: "mcp" }, says: 'options.path: expected a path that begins with "/", got mcp' },
    { wrong: { authInfo: "ann" }, says: "options.authInfo: expected a function" },
  ];
  it.each(WRONG)("refuses wrong options: $says", async ({ wrong, says }) => {
    const { endpoint } = seeingEndpoint();
    const { app } = createApp();
    // What no compiler has looked at.
    app.register(mcpPlugin, { endpoint, ...wrong } as unknown as McpPluginOptions);
    await expect(app.ready()).rejects.toThrow(new TypeError(`mcpPlugin: ${says}`));
  });
});
