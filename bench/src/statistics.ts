/**
 * The value that a share `p` of the values lies below, between two neighbours where it must be.
 *
 * Shapes:  p: 0 to 1
 * Returns: NaN where there are no values
 */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * p;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** A ratio over the rounds of a run. */
export interface Ratio {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/**
 * What each round's value is to the same round's value of the baseline: the rounds are near in time, so that most of
 * what disturbs the machine disturbs both.
 *
 * Returns: undefined where nothing can be compared
 */
export function ratioOf(values: readonly number[], baseline: readonly number[]): Ratio | undefined {
  const ratios = values
    .map((value, round) => value / (baseline[round] ?? Number.NaN))
    .filter(Number.isFinite);
  if (ratios.length === 0) return undefined;
  return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
}
