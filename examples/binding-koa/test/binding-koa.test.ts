import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { testBinding } from "@durable-mcp/contract-tests";
import { createMcpEndpoint, type McpEndpoint, type McpEndpointOptions } from "@durable-mcp/core";
import { createMemoryStore } from "@durable-mcp/store-memory";
import { bodyParser } from "@koa/bodyparser";
import Koa from "koa";
import { expect, it, onTestFinished } from "vitest";
import { createMcpMiddleware } from "../src/index.js";

async function listening(app: Koa) {
  const server = createServer(app.callback()).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` };
}

testBinding("koa", {
  openStore: async () => createMemoryStore(),
  serve: async (options, { body, authInfo }) => {
    const endpoint = createMcpEndpoint(options);
    const app = new Koa().use(async (ctx, next) => {
      ctx.state.auth = authInfo;
      if (body === "drained") await once(ctx.req.resume(), "end");
      await next();
    });
    if (body === "parsed") app.use(bodyParser({ jsonLimit: "4mb" }));
    const { server, url } = await listening(app.use(createMcpMiddleware(endpoint)));
    const close = async () => {
      server.close();
      await endpoint.close();
    };
    return { url, endpoint, close };
  },
});

// What is Koa's own the suite cannot know. A call without a session is refused under its id: its body was read.

async function calling(app: Koa, options: Partial<McpEndpointOptions> = {}) {
  const createServer = () => {
    throw new Error("nobody opens a session");
  };
  const endpoint = createMcpEndpoint({ store: createMemoryStore(), createServer, ...options });
  const { server, url } = await listening(app.use(createMcpMiddleware(endpoint)));
  onTestFinished(async () => {
    server.close();
    await endpoint.close();
  });
  return (path: string, headers: Record<string, string> = {}) =>
    fetch(new URL(path, url), {
      method: "POST",
      headers: {
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
        ...headers,
      },
      body: '{"jsonrpc":"2.0","id":7,"method":"ping"}',
    });
}

it("keeps what middlewares before it have set, and lets none after it answer", async () => {
  const app = new Koa().use(async (ctx, next) => {
    ctx.set({ "x-own": "yes", vary: "Accept-Encoding" });
    await next();
    ctx.body = "somebody else";
  });
  const call = await calling(app, { allowedOrigins: ["http://page.example"] });
  const answer = await call("/mcp", { origin: "http://page.example" });
  expect(answer.status).toBe(400);
  expect(answer.headers.get("x-own")).toBe("yes");
  expect(answer.headers.get("vary")).toBe("Accept-Encoding, Origin");
  expect(await answer.json()).toMatchObject({ id: 7, error: { code: -32000 } });
});

it("hands on requests of other paths", async () => {
  const call = await calling(new Koa());
  for (const path of ["/", "/mcp/", "/mcp/below", "/other"]) {
    expect(await (await call(path)).text(), path).toBe("Not Found");
  }
});

it("reads a body that a parser has left alone, whatever it puts in its place", async () => {
  const app = new Koa();
  app.use((ctx, next) => {
    ctx.request.body = {};
    return next();
  });
  const call = await calling(app);
  expect(await (await call("/mcp")).json()).toMatchObject({ id: 7 });
});

it("takes a body that was read as text", async () => {
  const app = new Koa();
  app.use(bodyParser({ enableTypes: ["text"], extendTypes: { text: ["*/*"] } }));
  const call = await calling(app);
  expect(await (await call("/mcp")).json()).toMatchObject({ id: 7 });
});

it("tells the endpoint the URL that was asked for, where a router has cut it, and a trusted proxy's https", async () => {
  const seen: unknown[] = [];
  const app = new Koa({ proxy: true }).use((ctx, next) => {
    ctx.url = ctx.url.replace("/api", "");
    return next();
  });
  const principal: McpEndpointOptions["principal"] = ({ url, secure }) => void seen.push({ url, secure });
  const call = await calling(app, { principal });
  await call("/api/mcp?apps=a", { "x-forwarded-proto": "https" });
  expect(seen).toEqual([{ url: "/api/mcp?apps=a", secure: true }]);
});

it("a wrong option is a TypeError that names it", () => {
  expect(() => createMcpMiddleware({} as McpEndpoint, { path: "mcp" })).toThrow(
    /options\.path: expected a path/,
  );
});
