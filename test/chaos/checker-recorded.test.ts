import { beforeAll, describe, expect, test } from "vitest";
import { printedSeed, SeededRandom } from "../support/seeded-random.js";
import { checkHistory } from "./check-history.js";
import { coverageOf } from "./coverage.js";
import { expectClean } from "./expect-clean.js";
import type { History } from "./history.js";
import { undisturbedRun } from "./one-node.js";
import { PLANTED_FAULTS } from "./planted-faults.js";

const TIMES = 20;

describe("A real run on one node", () => {
  const seed = printedSeed("chaos, one node");
  const random = new SeededRandom(seed);
  let history: History;

  beforeAll(async () => {
    history = await undisturbedRun(random, 6_000);
  }, 60_000);

  test("is clean", async () => {
    await expectClean(history, `SEED=${seed}`, "");
    const { results, errors } = coverageOf(history);
    expect(results).toBeGreaterThan(50);
    expect(errors).toBe(0);
  });

  test.each(PLANTED_FAULTS)("is not with $name in it", ({ says, plant }) => {
    for (let time = 0; time < TIMES; time += 1) {
      const spoiled = plant(history, random);
      if (!spoiled) throw new Error("There is nothing in it that this could be done to");
      const sentences = checkHistory(spoiled).map(({ sentence }) => sentence);
      expect(sentences, `SEED=${seed}`).toContainEqual(expect.stringMatching(says));
    }
  });
});
