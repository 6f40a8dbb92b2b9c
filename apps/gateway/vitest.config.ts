import { defineConfig } from "vitest/config";

// Whole processes are started and waited for.
export default defineConfig({ test: { testTimeout: 30_000, hookTimeout: 30_000 } });
