import type { Row } from "./run-measure.js";
import { median, ratioOf } from "./statistics.js";
import { BASELINE } from "./subjects.js";

/** The same figures as in the table, and each round's own, as JSON text. */
export function formatJson(description: string, rows: readonly Row[]): string {
  const figures = rows.flatMap(({ label, unit, values }) =>
    [...values].map(([subject, rounds]) => ({
      label,
      unit,
      subject,
      median: median(rounds),
      ratio: subject === BASELINE ? undefined : ratioOf(rounds, values.get(BASELINE) ?? []),
      rounds,
    })),
  );
  return `${JSON.stringify({ description, figures }, undefined, 2)}\n`;
}
