import type { WireMessage } from "../support/recorded-stream.js";
import type { SeededRandom } from "../support/seeded-random.js";

/** Every session has a secret mark, which all its calls carry and all that it is told must echo. */

const MARK = /mark-[0-9a-f]{8}/g;

/** A mark that no other session has. */
export function newMark(random: SeededRandom): string {
  return `mark-${random
    .integer(0, 2 ** 32 - 1)
    .toString(16)
    .padStart(8, "0")}`;
}

/** The marks that a message carries anywhere, each once. */
export function marksIn(message: WireMessage): readonly string[] {
  return [...new Set(JSON.stringify(message).match(MARK) ?? [])];
}

/** The mark of the session that a call, a URI or a side effect belongs to. */
export function markOf(name: string): string | undefined {
  return name.match(MARK)?.[0];
}
