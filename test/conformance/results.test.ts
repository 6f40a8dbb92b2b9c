import { expect, it } from "vitest";
import { PRINTED, RECORDED } from "./recorded-run.js";
import { readResults, readTotals } from "./results.js";

it("counts the checks of a run and names those that failed or warned", () => {
  expect(readResults(RECORDED)).toEqual({
    scenarios: 3,
    passed: 3,
    failed: 2,
    warnings: 1,
    skipped: 0,
    faults: [
      {
        scenario: "tools-list",
        check: "tools-name-format",
        status: "WARNING",
        message: "1 tool name(s) violate spec Tool Names SHOULD rules: test counter",
      },
      {
        scenario: "tools-call-simple-text",
        check: "tools-call-simple-text",
        status: "FAILURE",
        message: "Text content missing text field",
      },
      {
        scenario: "json-schema-2020-12",
        check: "unfinished",
        status: "FAILURE",
        message: "The scenario threw or was cut off: it left no checks",
      },
    ],
  });
});

it("counts skipped checks, leaves information out, and takes the description where there is no message", () => {
  const checks = ["SKIPPED", "INFO", "FAILURE"].map((status) => ({ id: "a", status, description: "Is so" }));
  const results = readResults([
    { folder: "server-ping-2026-11-20T11-45-46-101Z", checks: JSON.stringify(checks) },
  ]);
  expect(results).toMatchObject({ passed: 0, failed: 1, skipped: 1, faults: [{ message: "Is so" }] });
});

it("does not guess at a file that this version of the suite does not write", () => {
  const read = (checks: string) => () => readResults([{ folder: "server-ping", checks }]);
  expect(read('[{"id":"a","status":"PASSED","description":""}]')).toThrow("FAILURE");
  expect(read('{"checks":[]}')).toThrow("array");
  expect(read("[{")).toThrow(SyntaxError);
});

it("reads the totals that the suite prints", () => {
  expect(readTotals(PRINTED)).toEqual({ scenarios: 3, passed: 3, failed: 2 });
  expect(readTotals(PRINTED.slice(0, PRINTED.indexOf("Total:")))).toBeUndefined();
  expect(readTotals("Unknown spec version: 2025-06-99\n")).toBeUndefined();
});
