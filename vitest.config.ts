import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["packages/*", "apps/*", "test", "test/chaos", "examples/*", "!examples/*.*"],
    reporters: ["default", "./scripts/closing-line-reporter.mjs"],
  },
});
