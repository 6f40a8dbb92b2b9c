import { testStore } from "@durable-mcp/contract-tests";
import type { Cluster } from "ioredis";
import { afterAll, beforeAll } from "vitest";
import { createRedisStore } from "../src/index.js";
import { ClusterServers } from "./cluster-servers.js";

let servers: ClusterServers;
let client: Cluster;
beforeAll(async () => {
  servers = await ClusterServers.start();
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
