import { textTable } from "../support/text-table.js";
import type { Results } from "./results.js";

/** One run of the suite. */
export interface TableRow {
  readonly binding: string;
  readonly sdk: string;
  readonly store: string;
  readonly revision: string;
  readonly results: Results;
  readonly seconds: number;
}

const HEAD = ["binding", "sdk", "store", "revision", "passed", "failed", "warnings", "skipped", "seconds"];

/** Lays the runs out as plain text. */
export function resultsTable(rows: readonly TableRow[]): string {
  return textTable(
    HEAD,
    rows.map(({ binding, sdk, store, revision, results, seconds }) => {
      const { passed, failed, warnings, skipped } = results;
      return [binding, sdk, store, revision, passed, failed, warnings, skipped, Math.round(seconds)];
    }),
  );
}
