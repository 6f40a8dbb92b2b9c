import type { SeededRandom } from "../support/seeded-random.js";

/** One of the items; undefined of none. */
export function pick<T>(random: SeededRandom, items: readonly T[]): T | undefined {
  return items[random.integer(0, items.length - 1)];
}
