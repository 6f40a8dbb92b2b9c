import type { SeededRandom } from "../support/seeded-random.js";
import { type StepKind, TRAFFIC_STEPS } from "./traffic-steps.js";

/** One request of the plan, or a few that belong together. */
interface Step {
  readonly kind: StepKind;
  /** Of the choices that the step makes. */
  readonly seed: number;
}

/** Steps that a session makes at the same time. */
export type Group = readonly Step[];

/**
 * Deals random steps out to sessions. Each session makes one group after the other; what the order matters for goes alone.
 *
 * Returns: the groups of each session
 */
export function planTraffic(random: SeededRandom, requests: number, sessions: number): readonly Group[][] {
  const kinds = (Object.keys(TRAFFIC_STEPS) as StepKind[]).flatMap((kind) =>
    Array<StepKind>(TRAFFIC_STEPS[kind].weight).fill(kind),
  );
  const plan = Array.from({ length: sessions }, (): Step[][] => []);
  for (let n = 0; n < requests; n += 1) {
    const kind = kinds[random.integer(0, kinds.length - 1)] as StepKind;
    const step = { kind, seed: random.integer(0, 2 ** 31) };
    const groups = plan[random.integer(0, sessions - 1)] as Step[][];
    const last = groups.at(-1);
    const joins = last?.length === 1 && last.every((other) => isFree(other)) && isFree(step);
    if (joins) last.push(step);
    else groups.push([step]);
  }
  return plan;
}

function isFree({ kind }: Step): boolean {
  return !TRAFFIC_STEPS[kind].alone;
}
