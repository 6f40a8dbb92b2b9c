import { setTimeout as pause } from "node:timers/promises";
import type { SeededRandom } from "../support/seeded-random.js";
import { redisUrl } from "../support/store-table.js";
import { Balancer } from "./balancer.js";
import { Fleet } from "./fleet.js";
import type { History } from "./history.js";
import { recordRun } from "./record-run.js";

/** A short run that nothing disturbs, on one node. */
export async function undisturbedRun(random: SeededRandom, forMs: number): Promise<History> {
  const fleet = await Fleet.start({ nodes: 1, store: redisUrl() });
  try {
    const balancer = new Balancer(fleet.targets, random);
    const load = { busy: 4, quiet: 2, visitors: 1 };
    const facts = {
      heartbeatTtlMs: 5_000,
      onInterrupted: "conclude",
      tolerant: false,
      slackMs: 1_000,
    } as const;
    return await recordRun({ fleet, balancer, random, load, facts }, () => pause(forMs));
  } finally {
    await fleet.stop();
  }
}
