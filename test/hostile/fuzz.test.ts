// A seeded fuzzer: hostile clients beside well-behaved ones. FUZZ_MS says for how long (both stores together), SEED with
// which seed, FUZZ_REPLAY names a file with the JSON lines that a failure has printed. See README.md.
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { printedSeed } from "../support/seeded-random.js";
import { seedsOf } from "./action-log.js";
import { expectAftermath } from "./aftermath.js";
import { fuzz } from "./fuzz-run.js";
import { ATTACKED_STORES, ServerProcess } from "./server-process.js";
import { Stage } from "./stage.js";

const FOR_MS = Number(process.env.FUZZ_MS ?? 30_000) / ATTACKED_STORES.length;
const REPLAY = process.env.FUZZ_REPLAY;
/** Sessions expire while the fuzzer runs. */
const IDLE_TTL_MS = 6_000;

describe.each(ATTACKED_STORES)("G1, G3, G7, G9: hostile clients beside well-behaved ones on %s", (kind) => {
  let stage: Stage;
  afterAll(() => stage?.server.stop());

  it("all invariants hold, and nothing is left", { timeout: 2 * FOR_MS + 120_000 }, async () => {
    const seed = printedSeed(`fuzz on ${kind}`);
    // Odd seeds have every request stored before it is dispatched.
    stage = new Stage(
      await ServerProcess.start(kind, { idleTtlMs: IDLE_TTL_MS, storesRequests: seed % 2 === 1 }),
    );
    const seeds = REPLAY === undefined ? undefined : seedsOf(readFileSync(REPLAY, "utf8"));
    // With all its code warm, and its pools full, the endpoint needs what it needs.
    await fuzz(stage, seed + 1, { forMs: FOR_MS / 4 });
    await stage.server.abandonAll();
    const baseline = await stage.server.usedBytes();
    const { actions, rounds } = await fuzz(stage, seed, { forMs: (FOR_MS * 3) / 4, seeds });
    console.log(`fuzz on ${kind}: ${actions} actions, ${rounds} rounds of well-behaved clients`);
    if (!seeds) expect(Math.min(actions, rounds)).toBeGreaterThan(20);
    await expectAftermath(stage, baseline);
  });
});
