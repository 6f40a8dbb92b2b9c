import { defineConfig } from "vitest/config";

export default defineConfig({ test: { globalSetup: "./support/redis-for-all.ts" } });
