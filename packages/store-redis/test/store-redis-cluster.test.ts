import { testStore } from "@durable-mcp/contract-tests";
import type { Cluster } from "ioredis";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { RedisCluster } from "../../../test/support/redis-cluster.js";
import { createRedisStore } from "../src/index.js";

let servers: RedisCluster;
let client: Cluster;
beforeAll(async () => {
  servers = await RedisCluster.start();
  client = servers.connect();
}, 30_000);
afterAll(async () => {
  client.disconnect();
  await servers.stop();
});

testStore("redis cluster", {
  capabilities: { durable: true, shared: true },
  sequences: 30,
  create: async ({ retention = {} }) => {
    let nowMs = Date.now();
    const keyPrefix = `${crypto.randomUUID()}:`;
    return {
      open: async () => createRedisStore({ client, keyPrefix, retention, now: () => nowMs }),
      advance: async (ms) => {
        nowMs += ms;
      },
      destroy: async () => {},
    };
  },
});

it("subscribers of changes are told that they may have missed some when the cluster's connection breaks", async () => {
  const keyPrefix = `${crypto.randomUUID()}:`;
  const store = createRedisStore({ client, keyPrefix });
  onTestFinished(() => store.close());
  const heard: string[] = [];
  const { signal } = new AbortController();
  await store.changes.subscribe(({ topic }) => heard.push(topic), { onGap: () => heard.push("gap"), signal });
  const missed = JSON.stringify({ topic: "missed", payload: "" });
  for (const node of client.nodes("master")) {
    await node.multi().client("KILL", "TYPE", "pubsub").publish(`${keyPrefix}changes`, missed).exec();
  }
  await expect.poll(() => heard, { timeout: 5_000 }).toContain("gap");
  await store.changes.publish({ topic: "after", payload: "" });
  await expect.poll(() => heard).toContain("after");
});
