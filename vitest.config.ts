import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["packages/*", "apps/*", "test", "examples/*", "!examples/*.*"],
    reporters: ["default", "./scripts/closing-line-reporter.mjs"],
  },
});
