import type { SeededRandom } from "../support/seeded-random.js";
import type { Balancer } from "./balancer.js";
import type { Fleet } from "./fleet.js";
import type { History, RunFacts } from "./history.js";
import { HistoryRecorder } from "./history-recorder.js";
import { Load, type LoadOptions } from "./load.js";

/** What a call may take that is interrupted last of all, with room to spare, in ms. */
const DRAIN_DEADLINE_MS = 30_000;

export interface Run {
  readonly fleet: Fleet;
  readonly balancer: Balancer;
  readonly random: SeededRandom;
  readonly load: LoadOptions;
  readonly facts: Omit<RunFacts, "nodes">;
}

/** Puts load on a fleet while something is done to it. Returns: all that was seen, when every call is concluded or overdue */
export async function recordRun(
  { fleet, balancer, random, load: options, facts }: Run,
  during: (recorder: HistoryRecorder) => Promise<void>,
): Promise<History> {
  const recorder = new HistoryRecorder();
  const load = await Load.start({ balancer, recorder, random }, options);
  try {
    await during(recorder);
  } finally {
    await load.stop(DRAIN_DEADLINE_MS);
  }
  for (const key of fleet.sideEffects) recorder.record({ type: "side effect", key });
  return { facts: { ...facts, nodes: fleet.names }, events: recorder.events };
}
