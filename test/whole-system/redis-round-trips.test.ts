import { createRedisStore } from "@durable-mcp/store-redis";
import { Redis } from "ioredis";
import { expect, it, onTestFinished } from "vitest";
import { startEmittingEndpoint } from "../support/emitting-endpoint.js";
import { RawClient } from "../support/raw-client.js";
import { RedisServer } from "../support/redis-server.js";
import { SDKS } from "../support/sdk-table.js";

const CALLS = 50;

/** How many scripts have been run, and messages been published. */
async function sentTo(admin: Redis): Promise<number> {
  const counts = (await admin.info("commandstats")).matchAll(/^cmdstat_(evalsha|eval|publish):calls=(\d+)/gm);
  return [...counts].reduce((sum, [, , calls]) => sum + Number(calls), 0);
}

it.each(SDKS)("a call costs one round trip to Redis, SDK %s", async (sdk) => {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  const store = createRedisStore({ url: redis.url });
  const endpoint = await startEmittingEndpoint(store, sdk);
  onTestFinished(async () => {
    await endpoint.close();
    await store.close();
  });
  const admin = new Redis(redis.url);
  onTestFinished(() => admin.disconnect());
  const client = await RawClient.open(endpoint.url);
  const session = endpoint.session(client.sessionId);
  const call = async (id: number) => {
    const answer = await client.call(id);
    (await session.call(id)).finish("done");
    await answer.untilOver();
  };
  await call(0);

  const before = await sentTo(admin);
  for (let id = 1; id <= CALLS; id += 1) await call(id);
  // House-keeping may come in between.
  expect(await sentTo(admin)).toBeLessThanOrEqual(before + CALLS + 5);
});
