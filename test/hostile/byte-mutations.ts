import type { SeededRandom } from "../support/seeded-random.js";

/** The bytes with one random change. */
export function mutatedBytes(bytes: Buffer, random: SeededRandom): Buffer {
  const at = random.integer(0, bytes.length);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  const length = random.integer(1, 8);
  switch (random.integer(0, 4)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, after.subarray(length)]);
    case 2:
      return Buffer.concat([before, before.subarray(-length), after]);
    default:
      return Buffer.concat([
        before,
        Buffer.from(Array.from({ length }, () => random.integer(0, 255))),
        after,
      ]);
  }
}
