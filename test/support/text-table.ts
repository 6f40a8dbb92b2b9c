/**
 * Lays rows out as plain text, a line each below a line of names. Numbers stand right.
 *
 * Shapes:  rows: as many cells each as there are names in `head`
 */
export function textTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const isNumber = head.map((_, column) => rows.every((row) => typeof row[column] === "number"));
  const padded = (text: string, column: number): string => {
    const width = widths[column] ?? 0;
    return isNumber[column] ? text.padStart(width) : text.padEnd(width);
  };
  return lines.map((line) => line.map(padded).join("  ").trimEnd()).join("\n");
}
