import type { RunFacts } from "./history.js";
import type { CallRecord, FaultRecord } from "./records.js";

/** From the expiry of its heartbeat on, how long the take-over of a dead node's sessions may last, in ms (G6). */
const TAKE_OVER_MS = 1_000;
/** How long a node may take to find its Redis again, in ms (G8). */
const REDIS_IS_BACK_MS = 2_000;
/** What a call may take on top of its length where nothing is wrong: that it is quick is no guarantee, in ms. */
const UNDISTURBED_MS = 5_000;
/** A call sent so shortly before a fault may have begun only after it. */
const ON_ITS_WAY_MS = 500;

/** When another node has everything that the dead one had; of a fault of Redis: when all nodes work as before. */
function takenOverAtMs({ node, goneMs, overMs }: FaultRecord, facts: RunFacts): number {
  const afterMs = facts.heartbeatTtlMs + TAKE_OVER_MS;
  if (node === undefined) return overMs + afterMs + REDIS_IS_BACK_MS;
  // Where there is no other node, the restarted one has to.
  return (facts.nodes.length === 1 ? overMs : goneMs) + afterMs;
}

/** The fault's last consequence: a node that wakes up may have calls of its old sessions to refuse. */
export function settledAtMs(fault: FaultRecord, facts: RunFacts): number {
  const afterMs = facts.heartbeatTtlMs + TAKE_OVER_MS;
  return Math.max(takenOverAtMs(fault, facts), fault.kind === "pause" ? fault.overMs + afterMs : 0);
}

/** Whether the call's fate hung on a node that was paused: nobody can answer in its place on its own sockets. */
function isStuckAt({ kind, node, fromMs, overMs }: FaultRecord, { connections }: CallRecord): boolean {
  return (
    kind === "pause" &&
    connections.some(
      ({ request, closed }) =>
        request.node === node &&
        request.atMs <= overMs &&
        (closed?.atMs ?? Number.POSITIVE_INFINITY) >= fromMs,
    )
  );
}

/** Until when a call must be concluded, and the fault that has delayed it most. */
export interface Deadline {
  readonly atMs: number;
  readonly fault: FaultRecord | undefined;
}

/**
 * When a call has to be concluded at the latest. One that was running when its node died ends with the take-over,
 * though nobody asks; one that is sent while the node is dead begins with the take-over, and then takes its own time.
 *
 * Source:  G6
 */
export function deadlineOf(call: CallRecord, faults: readonly FaultRecord[], facts: RunFacts): Deadline {
  const { atMs: sentMs, lengthMs } = call.sent;
  let deadline: Deadline = { atMs: sentMs + lengthMs, fault: undefined };
  for (const fault of faults) {
    const recoveredMs = isStuckAt(fault, call) ? settledAtMs(fault, facts) : takenOverAtMs(fault, facts);
    if (fault.fromMs > deadline.atMs + facts.slackMs || recoveredMs < sentMs) continue;
    const mayBegin = sentMs > fault.fromMs - ON_ITS_WAY_MS || facts.onInterrupted === "dispatch-again";
    const atMs = recoveredMs + (mayBegin ? lengthMs : 0);
    if (atMs > deadline.atMs) deadline = { atMs, fault };
  }
  const slackMs = deadline.fault ? facts.slackMs : Math.max(UNDISTURBED_MS, facts.slackMs);
  return { ...deadline, atMs: deadline.atMs + slackMs };
}
