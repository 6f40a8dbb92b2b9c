import { defineConfig } from "vitest/config";

/** A project of its own, that runs by itself when all others are done: these tests hold nodes to deadlines. */
export default defineConfig({
  test: {
    name: "@durable-mcp/chaos",
    globalSetup: "../support/redis-for-all.ts",
    fileParallelism: false,
    sequence: { groupOrder: 1 },
  },
});
