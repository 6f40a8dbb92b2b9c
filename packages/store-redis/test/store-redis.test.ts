import { testStore } from "@durable-mcp/contract-tests";
import { afterAll, beforeAll } from "vitest";
import { RedisServer } from "../../../test/support/redis-server.js";
import { createRedisStore } from "../src/index.js";

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());

testStore("redis", {
  capabilities: { durable: true, shared: true },
  create: async ({ retention = {} }) => {
    let nowMs = Date.now();
    const keyPrefix = `${crypto.randomUUID()}:`;
    return {
      open: async () => createRedisStore({ url: server.url, keyPrefix, retention, now: () => nowMs }),
      advance: async (ms) => {
        nowMs += ms;
      },
      destroy: async () => {},
    };
  },
});
