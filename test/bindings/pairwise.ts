/**
 * Combinations of one value of each column, such that every two values of different columns meet at least once. The
 * same columns give the same combinations, few of them: far fewer than the product for many columns.
 *
 * Shapes:  columns: each with at least one value
 */
export function pairwise<T>(columns: readonly (readonly T[])[]): readonly (readonly T[])[] {
  const all = product(columns);
  const missing = new Set(all.flatMap(pairsOf));
  const chosen: (readonly T[])[] = [];
  while (missing.size > 0) {
    const counts = all.map((row) => pairsOf(row).filter((pair) => missing.has(pair)).length);
    const row = all[counts.indexOf(Math.max(...counts))] as readonly T[];
    chosen.push(row);
    for (const pair of pairsOf(row)) missing.delete(pair);
  }
  // A single column has no pairs.
  return columns.length < 2 ? all : chosen;

  function pairsOf(row: readonly T[]): string[] {
    const places = row.map((value, column) => `${column}:${columns[column]?.indexOf(value)}`);
    return places.flatMap((one, index) => places.slice(index + 1).map((other) => `${one} ${other}`));
  }
}

/** Every combination of one value of each column. */
export function product<T>(columns: readonly (readonly T[])[]): readonly (readonly T[])[] {
  return columns.reduce<readonly (readonly T[])[]>(
    (rows, column) => rows.flatMap((row) => column.map((value) => [...row, value])),
    [[]],
  );
}
