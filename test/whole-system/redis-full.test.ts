import { createRedisStore } from "@durable-mcp/store-redis";
import { Redis } from "ioredis";
import { expect, it, onTestFinished } from "vitest";
import { startEmittingEndpoint } from "../support/emitting-endpoint.js";
import { RawClient } from "../support/raw-client.js";
import { RedisServer } from "../support/redis-server.js";
import { SseFollower } from "../support/sse-follower.js";

const INITIALIZE = {
  jsonrpc: "2.0",
  id: "init",
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "raw", version: "1.0.0" } },
};

it("G7 with maxmemory reached calls and clients are told so, and all goes on when there is room", async () => {
  const redis = await RedisServer.start("--maxmemory", "8mb", "--maxmemory-policy", "noeviction");
  onTestFinished(() => redis.stop());
  const store = createRedisStore({ url: redis.url });
  const endpoint = await startEmittingEndpoint(store, "v1");
  onTestFinished(async () => {
    await endpoint.close();
    await store.close();
  });
  const admin = new Redis(redis.url);
  onTestFinished(() => admin.disconnect());
  const client = await RawClient.open(endpoint.url);
  const session = endpoint.session(client.sessionId);

  const answer = await client.call(1);
  const call = await session.call(1);
  const fill = async () => {
    for (let n = 0; n < 200; n += 1) await call.notify(`${n}:${"x".repeat(100_000)}`);
  };
  await expect(fill()).rejects.toThrow("nothing more can be sent for it");
  await answer.untilOver();
  const error = JSON.parse(answer.messages.at(-1) ?? "{}");
  expect(error).toMatchObject({
    id: 1,
    error: { code: -31011, data: { reason: "STORE_FULL", retryable: true } },
  });
  // A little was left, of what did not fit.
  await admin.config("SET", "maxmemory", "1mb");
  const refused = await SseFollower.open(endpoint.url, { method: "POST", body: INITIALIZE });
  await refused.untilOver();
  expect([refused.status, refused.header("retry-after")]).toEqual([503, "2"]);
  expect(JSON.parse(refused.body)).toMatchObject({ id: "init", error: { code: -31011 } });

  await admin.config("SET", "maxmemory", "100mb");
  const later = await client.call(2);
  (await session.call(2)).finish("done");
  await later.untilOver();
  expect(JSON.parse(later.messages.at(-1) ?? "{}")).toMatchObject({ id: 2, result: {} });
  await RawClient.open(endpoint.url);
});
