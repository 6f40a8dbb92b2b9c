const FIRST_MS = 1_000;
const MOST_MS = 60_000;

/** How long to leave an upstream alone after so many failures in a row, in ms: 1 s, doubled each time, at most 60 s. */
export function backoffMs(failures: number): number {
  return Math.min(MOST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
}
