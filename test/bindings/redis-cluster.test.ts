import { testBinding } from "@durable-mcp/contract-tests";
import { createRedisStore } from "@durable-mcp/store-redis";
import { afterAll } from "vitest";
import { RedisCluster } from "../support/redis-cluster.js";
import { BINDINGS } from "./bindings.js";
import { SERVER_OBJECTS } from "./server-objects.js";

const cluster = RedisCluster.start();
afterAll(async () => (await cluster).stop());

for (const binding of BINDINGS.filter(({ name }) => name === "node")) {
  testBinding(`${binding.name}, a Redis Cluster, v1`, {
    ...binding,
    openStore: async () => {
      const client = (await cluster).connect();
      const store = createRedisStore({ client, keyPrefix: `${crypto.randomUUID()}:` });
      const close = async () => {
        await store.close();
        client.disconnect();
      };
      return { ...store, close };
    },
    createServerObject: SERVER_OBJECTS.v1,
  });
}
