import { stripVTControlCharacters } from "node:util";
import { readTotals } from "./results.js";
import type { SuiteRun } from "./suite-runner.js";

const SHOWN_LINES = 20;

/** How many checks have to pass. */
export interface Expected {
  readonly passed: number;
  /** Whether more may. */
  readonly orMore: boolean;
}

/**
 * Says what is wrong with a run of the suite, one complaint each: every failed check and every warning by name; an exit
 * code other than 0; a number of passed checks other than expected, so that a suite that ran nothing is seen; and files
 * that say something else than the suite printed.
 *
 * Returns: lines for people, none if all is well
 */
export function complaintsAbout(run: SuiteRun, expected: Expected): string[] {
  const { results, exitCode, printed, errors } = run;
  const { passed, failed, scenarios, faults } = results;
  const complaints = faults.map(
    ({ scenario, check, status, message }) => `${status} ${scenario} / ${check}: ${message}`,
  );
  if (exitCode !== 0) complaints.push(`The suite ${ending(run)}. It said:\n${closingWords(printed, errors)}`);
  if (expected.orMore ? passed < expected.passed : passed !== expected.passed)
    complaints.push(
      `Passed: ${passed} checks, expected ${expected.passed}${expected.orMore ? " or more" : ""}.`,
    );
  const written = `${scenarios} scenarios, ${passed} passed, ${failed} failed`;
  const totals = readTotals(printed);
  const said = totals && `${totals.scenarios} scenarios, ${totals.passed} passed, ${totals.failed} failed`;
  if (said !== written) complaints.push(`The suite printed ${said ?? "no total"}, but wrote ${written}.`);
  return complaints;
}

function ending({ exitCode, seconds }: SuiteRun): string {
  return exitCode === null ? `was killed after ${seconds.toFixed(1)} s` : `ended with exit code ${exitCode}`;
}

/** What the suite says below its list of scenarios, and on stderr. */
function closingWords(printed: string, errors: string): string {
  const lines = stripVTControlCharacters(
    `${printed.slice(printed.indexOf("\nTotal: ") + 1)}\n${errors}`,
  ).split("\n");
  const spoken = lines.filter((line) => line.trim() !== "");
  return spoken
    .slice(-SHOWN_LINES)
    .map((line) => `  ${line}`)
    .join("\n");
}
