import { describe, it } from "vitest";
import { startEmittingEndpoint } from "../support/emitting-endpoint.js";
import { lateStore } from "../support/late-store.js";
import type { SdkName } from "../support/sdk-table.js";
import { printedSeed, SeededRandom } from "../support/seeded-random.js";
import { STORES_AND_SDKS, type StoreKind } from "../support/stores.js";
import { runSchedule } from "./cut-and-resume-schedule.js";

/** The schedules are about streams, not about SDKs: the second SDK needs fewer of them. */
const SCHEDULES = { v1: 100, v2: 40 };

const seed = printedSeed("cut-and-resume-random");

describe.each(STORES_AND_SDKS)("G1 on $kind.name, SDK $sdk: random sends, cuts, resumes", ({ kind, sdk }) => {
  it.concurrent.each([0, 1, 2, 3])("part %i", { timeout: 60_000 }, async (part) => {
    for (let n = part; n < SCHEDULES[sdk]; n += 4) {
      try {
        await runOn(kind, sdk, new SeededRandom(seed + n));
      } catch (error) {
        throw new Error(`Run again with SEED=${seed + n}. ${String(error)}`, { cause: error });
      }
    }
  });
});

async function runOn(kind: StoreKind, sdk: SdkName, random: SeededRandom): Promise<void> {
  const { store, dispose } = kind.open();
  // Half of the time the store answers late, so that whatever can overtake a read or an append does.
  const endpoint = await startEmittingEndpoint(random.chance(0.5) ? lateStore(store, random) : store, sdk);
  try {
    await runSchedule(endpoint, random);
  } finally {
    await endpoint.close();
    await dispose();
  }
}
