import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { createMcpEndpoint, type McpEndpoint } from "@durable-mcp/core";
import { createNodeListener } from "@durable-mcp/node";
import { createRedisStore } from "@durable-mcp/store-redis";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { connectOfficialClient, type OfficialClient } from "../support/official-client.js";
import { RedisServer } from "../support/redis-server.js";
import { waitFor } from "../support/wait-for.js";

/** How long Redis is away, in ms. */
const AWAY_MS = Number(process.env.OUTAGE_MS ?? 3_000);
/** Within this a request fails, and readiness is false, in ms; what a busy machine takes is on top. */
const FAILS_WITHIN_MS = 2_000;
const IS_BACK_WITHIN_MS = 3_000;
const SLACK_MS = 1_000;
const CLIENTS = 8;

/** A call as its client has seen it. */
interface Seen {
  readonly atMs: number;
  readonly tookMs: number;
  readonly failure: string | undefined;
}

/** Serves a tool that says what it was told, and one that does so when Redis is back. */
async function serve(redis: RedisServer): Promise<{ url: string; endpoint: McpEndpoint; proceed(): void }> {
  const store = createRedisStore({ url: redis.url });
  let proceed = () => {};
  const isBack = new Promise<void>((resolve) => {
    proceed = resolve;
  });
  const endpoint = createMcpEndpoint({
    store,
    createServer: () => {
      const server = new McpServer({ name: "echo", version: "1.0.0" });
      const text = (said: string) => ({ content: [{ type: "text" as const, text: said }] });
      server.registerTool("echo", { inputSchema: { said: z.string() } }, ({ said }) => text(said));
      server.registerTool("later", {}, async () => {
        await isBack;
        return text("later");
      });
      return server;
    },
    logger: { info: () => {}, warn: () => {}, error: () => {} },
  });
  const http = createServer(createNodeListener(endpoint)).listen(0, "127.0.0.1");
  await once(http, "listening");
  onTestFinished(async () => {
    await endpoint.close();
    http.closeAllConnections();
    http.close();
    await store.close();
  });
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`, endpoint, proceed };
}

/** Calls without a pause until told to stop. */
function beBusy({ client }: OfficialClient, name: string): { readonly seen: Seen[]; stop(): Promise<void> } {
  const seen: Seen[] = [];
  let stopped = false;
  const running = (async () => {
    for (let n = 0; !stopped; n += 1) {
      const said = `${name} ${n}`;
      const atMs = performance.now();
      const failure = await client
        .callTool({ name: "echo", arguments: { said } }, undefined, { timeout: 10_000 })
        .then(({ content }) => (JSON.stringify(content).includes(said) ? undefined : "another answer"))
        .catch((error: Error) => error.message);
      seen.push({ atMs, tookMs: performance.now() - atMs, failure });
      if (failure) await pause(20);
    }
  })();
  return {
    seen,
    stop: () => {
      stopped = true;
      return running;
    },
  };
}

it("G8 with Redis away requests fail fast, and all goes on when it is back", {
  timeout: 60_000 + AWAY_MS,
}, async () => {
  const redis = await RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
  onTestFinished(() => redis.stop());
  const { url, endpoint, proceed } = await serve(redis);
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connectOfficialClient(url)));
  onTestFinished(async () => {
    for (const { client } of clients) await client.close();
  });
  const sessionIds = clients.map(({ transport }) => transport.sessionId);
  const across = clients[0]?.client.callTool({ name: "later" }, undefined, { timeout: 30_000 }).then(
    () => "a result",
    (error: Error) => error.message,
  );
  const busy = clients.map((client, index) => beBusy(client, `client ${index}`));
  await waitFor("load", () => busy.every(({ seen }) => seen.length > 20));
  await endpoint.ready();
  const succeedsFrom = (atMs: number) => (one: Seen) => one.atMs >= atMs && one.failure === undefined;

  await redis.kill();
  const awayMs = performance.now();
  const isReady = () =>
    endpoint.ready().then(
      () => true,
      () => false,
    );
  await waitFor("it is not ready", async () => !(await isReady()), FAILS_WITHIN_MS + SLACK_MS);
  await pause(AWAY_MS);
  expect(busy.flatMap(({ seen }) => seen).filter(succeedsFrom(awayMs))).toEqual([]);

  await redis.restart();
  const backMs = performance.now();
  await waitFor("it is ready", isReady, IS_BACK_WITHIN_MS + SLACK_MS);
  const served = () => busy.every(({ seen }) => seen.some(succeedsFrom(backMs)));
  await waitFor("every client is served", served, IS_BACK_WITHIN_MS + SLACK_MS);
  proceed();
  await pause(500);
  await Promise.all(busy.map((one) => one.stop()));

  const all = busy.flatMap(({ seen }) => seen);
  const failed = all.filter(({ failure }) => failure !== undefined);
  expect(failed.length).toBeGreaterThan(CLIENTS);
  expect(
    failed.filter(
      ({ atMs, tookMs }) => atMs < awayMs - FAILS_WITHIN_MS || tookMs > FAILS_WITHIN_MS + SLACK_MS,
    ),
  ).toEqual([]);
  expect(
    [...new Set(failed.map(({ failure }) => failure))].filter(
      (failure) => !/cannot store|try again/i.test(failure ?? ""),
    ),
  ).toEqual([]);
  expect(
    clients.map(({ transport }) => transport.sessionId),
    "nobody began anew",
  ).toEqual(sessionIds);
  expect(await across).toMatch(/a result|-31010|cannot store/);
});
