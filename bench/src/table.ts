import type { Unit } from "./measures/measure.js";
import type { Row } from "./run-measure.js";
import { median, type Ratio, ratioOf } from "./statistics.js";
import { BASELINE, SUBJECT_TITLES, type Subject } from "./subjects.js";

/** The rows as an aligned Markdown table: medians over the rounds, and how they compare with the baseline. */
export function formatTable(rows: readonly Row[], subjects: readonly Subject[]): string {
  const head = ["", ...subjects.map((subject) => SUBJECT_TITLES[subject])];
  const body = rows.map((row) => [row.label, ...subjects.map((subject) => cell(row, subject))]);
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...body].map((line) => line[column]?.length ?? 0)),
  );
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [head, rule, ...body].map((line) => formatLine(line, widths)).join("\n");
}

function formatLine(cells: readonly string[], widths: readonly number[]): string {
  const aligned = cells.map((text, column) => {
    const width = widths[column] ?? 0;
    return column === 0 ? text.padEnd(width) : text.padStart(width);
  });
  return `| ${aligned.join(" | ")} |`;
}

/** A median with its ratio: `5,120/s (1.8x, 1.7-1.9)`. */
function cell({ unit, values }: Row, subject: Subject): string {
  const own = values.get(subject) ?? [];
  const value = formatValue(median(own), unit);
  if (subject === BASELINE || unit === "count") return value;
  const ratio = ratioOf(own, values.get(BASELINE) ?? []);
  // A difference in memory can be below the noise, and then below zero: that is no ratio.
  return ratio && ratio.min >= 0 ? `${value} (${formatRatio(ratio, own.length)})` : value;
}

function formatRatio(ratio: Ratio, rounds: number): string {
  const main = `${short(ratio.median)}x`;
  return rounds > 1 ? `${main}, ${short(ratio.min)}-${short(ratio.max)}` : main;
}

function formatValue(value: number, unit: Unit): string {
  if (unit === "count") return whole(value);
  return unit === "per second" ? `${whole(value)}/s` : `${short(value)} ${unit}`;
}

/** As many digits as mean something: two after the point below 1, one below 100, none above. */
function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return whole(value);
  return value.toFixed(size < 1 ? 2 : 1);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
