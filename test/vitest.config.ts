import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "./support/redis-for-all.ts",
    // A project of its own.
    exclude: [...configDefaults.exclude, "chaos/**"],
  },
});
