import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["packages/*", "apps/*", "test", "examples/*"],
    reporters: ["default", "./scripts/closing-line-reporter.mjs"],
  },
});
