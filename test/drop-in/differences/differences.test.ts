import { afterEach, describe, expect, it } from "vitest";
import { ServedTransport } from "../served-transport.js";
import { KINDS, type TransportClass } from "../transport-classes.js";
import type { Difference } from "./difference.js";
import { DIFFERENCES_OF_ANSWERS } from "./differences-of-answers.js";
import { DIFFERENCES_OF_RESUMES } from "./differences-of-resumes.js";
import { DIFFERENCES_OF_SESSIONS } from "./differences-of-sessions.js";
import { DIFFERENCES_OF_STREAMS } from "./differences-of-streams.js";

let served: ServedTransport | undefined;
afterEach(() => served?.stop());

/** What comes of it with a class. */
async function observe(
  Transport: TransportClass,
  { options, serving, observe }: Difference,
  more: object = {},
): Promise<string> {
  served = await ServedTransport.start(Transport, { ...options?.(), ...more }, serving);
  return observe(served);
}

const AREAS = [
  { what: "what a POST is answered with", differences: DIFFERENCES_OF_ANSWERS },
  { what: "how sessions begin, live and end", differences: DIFFERENCES_OF_SESSIONS },
  { what: "what streams carry", differences: DIFFERENCES_OF_STREAMS },
  { what: "how streams are resumed", differences: DIFFERENCES_OF_RESUMES },
];
const TABLE = KINDS.flatMap((kind) => AREAS.map((area) => ({ ...kind, ...area })));

describe.each(TABLE)("Where our $kind differs from the SDK's: $what", ({ differences, sdk, ours }) => {
  describe.each(differences)("$when", (difference) => {
    it(`the SDK's class: ${difference.sdk}`, async () => {
      expect(await observe(sdk, difference)).toBe(difference.sdk);
    });
    it(`our class: ${difference.ours}`, async () => {
      expect(await observe(ours, difference)).toBe(difference.ours);
    });
    const { restoredBy } = difference;
    if (!restoredBy) return;
    it(`our class with ${JSON.stringify(restoredBy)}: as the SDK's`, async () => {
      expect(await observe(ours, difference, restoredBy)).toBe(difference.sdk);
    });
  });
});
