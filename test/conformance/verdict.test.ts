import { expect, it } from "vitest";
import { PRINTED, RECORDED } from "./recorded-run.js";
import { readResults } from "./results.js";
import type { SuiteRun } from "./suite-runner.js";
import { complaintsAbout } from "./verdict.js";

const GOOD: SuiteRun = {
  results: { scenarios: 1, passed: 3, failed: 0, warnings: 0, skipped: 0, faults: [] },
  exitCode: 0,
  printed: "Running all suite (1 scenarios) against http://127.0.0.1:1/mcp\n\nTotal: 3 passed, 0 failed\n",
  errors: "",
  seconds: 1.5,
};
const THREE = { passed: 3, orMore: false };

it("has nothing to say about a good run", () => {
  expect(complaintsAbout(GOOD, THREE)).toEqual([]);
  expect(complaintsAbout(GOOD, { passed: 2, orMore: true })).toEqual([]);
});

it("names each failed check with its message", () => {
  const run = { ...GOOD, results: readResults(RECORDED), exitCode: 1, printed: PRINTED };
  expect(complaintsAbout(run, THREE)).toEqual([
    "WARNING tools-list / tools-name-format: 1 tool name(s) violate spec Tool Names SHOULD rules: test counter",
    "FAILURE tools-call-simple-text / tools-call-simple-text: Text content missing text field",
    "FAILURE json-schema-2020-12 / unfinished: The scenario threw or was cut off: it left no checks",
    "The suite ended with exit code 1. It said:\n  Total: 3 passed, 2 failed",
  ]);
});

const NOTHING = { ...GOOD.results, scenarios: 0, passed: 0 };
it.each<[string, SuiteRun, number, boolean, string[]]>([
  ["fewer checks than expected", GOOD, 4, false, ["Passed: 3 checks, expected 4."]],
  ["more checks than expected", GOOD, 2, false, ["Passed: 3 checks, expected 2."]],
  ["fewer checks than the least", GOOD, 4, true, ["Passed: 3 checks, expected 4 or more."]],
  [
    "an exit code that no check explains",
    { ...GOOD, exitCode: 1, printed: `${GOOD.printed}\n\x1b[31mStale baseline entries:\x1b[0m\n  ✓ ping\n` },
    3,
    false,
    [
      "The suite ended with exit code 1. It said:\n  Total: 3 passed, 0 failed\n  Stale baseline entries:\n    ✓ ping",
    ],
  ],
  [
    "a suite that hung",
    { ...GOOD, exitCode: null, errors: "no answer\n" },
    3,
    false,
    ["The suite was killed after 1.5 s. It said:\n  Total: 3 passed, 0 failed\n  no answer"],
  ],
  [
    "a suite that ran nothing",
    { ...GOOD, results: NOTHING, printed: "" },
    3,
    true,
    [
      "Passed: 0 checks, expected 3 or more.",
      "The suite printed no total, but wrote 0 scenarios, 0 passed, 0 failed.",
    ],
  ],
  [
    "files that do not agree with what was printed",
    { ...GOOD, printed: PRINTED },
    3,
    false,
    ["The suite printed 3 scenarios, 3 passed, 2 failed, but wrote 1 scenarios, 3 passed, 0 failed."],
  ],
])("complains about %s", (_, run, passed, orMore, complaints) => {
  expect(complaintsAbout(run, { passed, orMore })).toEqual(complaints);
});
