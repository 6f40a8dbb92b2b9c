import { expect, it } from "vitest";
import { resultsTable } from "./results-table.js";

it("lays runs out in aligned columns", () => {
  const results = { scenarios: 33, passed: 84, failed: 0, warnings: 0, skipped: 0, faults: [] };
  const rows = [
    { sdk: "v1", store: "memory", revision: "2025-11-25", results, seconds: 1.52 },
    { sdk: "v2", store: "SQLite", revision: "2025-03-26", results: { ...results, passed: 3 }, seconds: 10 },
  ];
  expect(resultsTable(rows).split("\n")).toEqual([
    "sdk  store   revision    passed  failed  warnings  skipped  seconds",
    "v1   memory  2025-11-25      84       0         0        0      1.5",
    "v2   SQLite  2025-03-26       3       0         0        0     10.0",
  ]);
});
