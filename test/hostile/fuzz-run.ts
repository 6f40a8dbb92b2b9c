import { SeededRandom } from "../support/seeded-random.js";
import { ActionLog } from "./action-log.js";
import { Bystander } from "./bystander.js";
import { hostileAction } from "./hostile-action.js";
import { HostileActor } from "./hostile-actor.js";
import { HostileWorld } from "./hostile-world.js";
import { pick } from "./pick.js";
import type { Stage } from "./stage.js";

/** Hostile clients at a time. */
const LANES = 16;
const BYSTANDERS = ["2025-03-26", "2025-06-18", "2025-11-25", "2025-11-25"] as const;
const REVISIONS = ["2025-03-26", "2025-06-18", "2025-11-25"] as const;

export interface FuzzRun {
  readonly actions: number;
  /** Rounds of the well-behaved clients. */
  readonly rounds: number;
}

/**
 * Lets hostile clients loose on an endpoint beside well-behaved ones, for a time or along given seeds.
 *
 * Errors:  the first thing that must not happen, and the last actions as JSON lines
 */
export async function fuzz(
  stage: Stage,
  seed: number,
  { forMs, seeds }: { readonly forMs: number; readonly seeds?: readonly number[] | undefined },
): Promise<FuzzRun> {
  const endMs = performance.now() + forMs;
  const log = new ActionLog();
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
  };
  const bystanders = BYSTANDERS.map((revision, n) => new Bystander(stage, revision, seed + n, fail));
  const world = new HostileWorld(bystanders);
  const actor = new HostileActor(stage, world);
  const replayed = [...(seeds ?? [])];

  const lane = async (n: number) => {
    const random = new SeededRandom(seed ^ (0x9e3779b9 * (n + 1)));
    while (failure === undefined && (seeds ? replayed.length > 0 : performance.now() < endMs)) {
      if (world.isPoor)
        await actor.openSession(world.user(random), pick(random, REVISIONS) ?? "").catch(fail);
      const actionSeed = replayed.shift() ?? random.integer(0, 2 ** 32 - 1);
      const action = hostileAction(actionSeed, world);
      log.add(n, actionSeed, action);
      await actor
        .perform(action)
        .catch((error) => fail(new Error(`The action with seed ${actionSeed}: ${error}`)));
    }
  };
  const watch = async () => {
    for (let state = await stage.server.state(); failure === undefined; state = await stage.server.state()) {
      if (state.faults.length > 0 || state.polluted) fail(new Error(`Faults: ${state.faults.join("\n")}`));
      if (seeds ? replayed.length === 0 : performance.now() >= endMs) return;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  };
  // A replay goes one after the other: what matters is the order.
  const lanes = Array.from({ length: seeds ? 1 : LANES }, (_, n) => lane(n));
  await Promise.all([...lanes, watch().catch(fail)]);
  for (const bystander of bystanders) await bystander.leave().catch(fail);
  if (failure !== undefined) throw new Error(`${failure}\nThe last actions:\n${log}`, { cause: failure });
  return { actions: log.count, rounds: bystanders.reduce((sum, { rounds }) => sum + rounds, 0) };
}
