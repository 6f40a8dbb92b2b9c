import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAftermath } from "./aftermath.js";
import { restoreOddSessions } from "./attacks-restore.js";
import { Bystander } from "./bystander.js";
import { CORPUS } from "./corpus.js";
import { inTime } from "./in-time.js";
import { ATTACKED_STORES, ServerProcess } from "./server-process.js";
import { Stage } from "./stage.js";

/** Attacks at a time, when all of them are made at once. */
const LANES = 8;
const ALL = Object.values(CORPUS).flat();

describe.each(ATTACKED_STORES)("the hostile corpus on %s", (kind) => {
  let stage: Stage;
  let bystander: Bystander;
  /** Faults of the themes before. */
  let known = 0;
  /** Names of the attacks that the endpoint has stood on its own. */
  const stood = new Set<string>();

  beforeAll(async () => {
    stage = new Stage(await ServerProcess.start(kind));
    bystander = new Bystander(stage, "2025-11-25", 1);
  });
  afterAll(() => stage?.server.stop());

  for (const [theme, attacks] of Object.entries(CORPUS)) {
    describe(theme, () => {
      for (const { name, run } of attacks) {
        it(name, { timeout: 30_000 }, async () => {
          await run(stage);
          stood.add(name);
        });
      }
      it("and nothing has failed on the other side", async () => {
        const { faults, polluted } = await stage.server.state();
        expect({ faults: faults.slice(known), polluted }).toEqual({ faults: [], polluted: false });
      });
      // The next theme answers for its own.
      afterAll(async () => {
        known = (await stage.server.state()).faults.length;
      });
    });
  }

  it("G3: a bystander was not disturbed", { timeout: 30_000 }, async () => {
    await bystander.leave();
    expect(bystander.rounds).toBeGreaterThan(0);
  });

  it("G4: sessions that keep odd things are restored", () => restoreOddSessions(stage));

  it("G7: all of it once more, at the same time, leaves nothing behind", { timeout: 120_000 }, async () => {
    await stage.server.abandonAll();
    const baseline = await stage.server.usedBytes();
    const bystanders = ["2025-03-26", "2025-06-18", "2025-11-25"].map(
      (revision, n) => new Bystander(stage, revision, n),
    );
    const waiting = ALL.filter(({ name }) => stood.has(name));
    const failures: string[] = [];
    const lane = async () => {
      for (let attack = waiting.shift(); attack; attack = waiting.shift()) {
        const { name } = attack;
        await inTime(name, attack.run(stage), 60_000).catch((error) =>
          failures.push(`${name}: ${error.message}`),
        );
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    expect(failures).toEqual([]);
    for (const one of bystanders) await one.leave();
    await expectAftermath(stage, baseline);
  });
});
