import { rm } from "node:fs/promises";
import { join } from "node:path";
import { testStore } from "@durable-mcp/contract-tests";
import { createSqliteStore } from "../src/index.js";
import { tempDir } from "./temp-dir.js";

testStore("sqlite", {
  capabilities: { durable: true, shared: false },
  create: async ({ retention = {} }) => {
    const dir = tempDir();
    let nowMs = Date.now();
    return {
      open: async () => createSqliteStore({ file: join(dir, "store.db"), retention, now: () => nowMs }),
      advance: async (ms) => {
        nowMs += ms;
      },
      destroy: () => rm(dir, { recursive: true }),
    };
  },
});
