import type { Results } from "./results.js";

/** One run of the suite. */
export interface TableRow {
  readonly sdk: string;
  readonly store: string;
  readonly revision: string;
  readonly results: Results;
  readonly seconds: number;
}

const HEAD = ["sdk", "store", "revision", "passed", "failed", "warnings", "skipped", "seconds"];
/** From this column on there are numbers, which stand right. */
const FIRST_NUMBER = 3;

/** Lays the runs out as plain text, a line each below a line of names. */
export function resultsTable(rows: readonly TableRow[]): string {
  const cells = rows.map(({ sdk, store, revision, results, seconds }) => {
    const { passed, failed, warnings, skipped } = results;
    return [sdk, store, revision, ...[passed, failed, warnings, skipped].map(String), seconds.toFixed(1)];
  });
  const lines = [HEAD, ...cells];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => line.map(padded).join("  ")).join("\n");

  function padded(text: string, column: number): string {
    const width = widths[column] ?? 0;
    return column < FIRST_NUMBER ? text.padEnd(width) : text.padStart(width);
  }
}
