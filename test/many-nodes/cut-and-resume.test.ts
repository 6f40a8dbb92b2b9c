import { afterEach, describe, it } from "vitest";
import { EmittingFleet } from "../support/emitting-fleet.js";
import { lateStore } from "../support/late-store.js";
import { SDKS } from "../support/sdk-table.js";
import { printedSeed, SeededRandom } from "../support/seeded-random.js";
import { cutEverywhere } from "../whole-system/cut-and-resume-matrix.js";
import { runSchedule } from "../whole-system/cut-and-resume-schedule.js";
import { SUBJECTS } from "../whole-system/cut-and-resume-subjects.js";

/** NODES=1 shows what is the fault of the test, or of a single node. */
const NODES = Number(process.env.NODES ?? 3);
const SCHEDULES = 40;

const seed = printedSeed("cut-and-resume across nodes");

describe.each(SDKS)("G1 G5 SDK %s: cut at one node and resumed at another", (sdk) => {
  let fleet: EmittingFleet | undefined;
  afterEach(() => fleet?.close());

  it.each(SUBJECTS)("$name", { timeout: 60_000 }, async (subject) => {
    fleet = await EmittingFleet.start(NODES, sdk);
    await cutEverywhere(fleet, subject);
  });

  it("random sends, cuts and resumes", { timeout: 120_000 }, async () => {
    for (let n = 0; n < SCHEDULES; n += 1) {
      const random = new SeededRandom(seed + n);
      // Half of the time the stores answer late, so that whatever can overtake a read or an append does.
      const late = random.chance(0.5);
      fleet = await EmittingFleet.start(NODES, sdk, (store) => (late ? lateStore(store, random) : store));
      try {
        await runSchedule(fleet, random);
      } catch (error) {
        throw new Error(`Run again with SEED=${seed + n}. ${String(error)}`, { cause: error });
      }
      await fleet.close();
    }
  });
});
