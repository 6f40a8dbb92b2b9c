import { expect, it } from "vitest";
import { resultsTable } from "./results-table.js";

it("lays runs out in aligned columns, numbers to the right", () => {
  const results = { scenarios: 33, passed: 84, failed: 0, warnings: 0, skipped: 0, faults: [] };
  const of = { sdk: "v1", store: "memory", revision: "2025-11-25", results, seconds: 1.52 };
  const rows = [
    { ...of, binding: "node" },
    { ...of, binding: "express", store: "SQLite", results: { ...results, passed: 3 }, seconds: 10 },
  ];
  expect(resultsTable(rows).split("\n")).toEqual([
    "binding  sdk  store   revision    passed  failed  warnings  skipped  seconds",
    "node     v1   memory  2025-11-25      84       0         0        0        2",
    "express  v1   SQLite  2025-11-25       3       0         0        0       10",
  ]);
});
