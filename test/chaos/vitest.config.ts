import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** A project of its own, that runs by itself when all others are done: these tests hold nodes to deadlines. */
export default defineConfig({
  test: {
    name: "@durable-mcp/chaos",
    globalSetup: fileURLToPath(new URL("../support/redis-for-all.ts", import.meta.url)),
    fileParallelism: false,
    sequence: { groupOrder: 1 },
  },
});
