import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";
import type { RedisServer } from "../support/redis-server.js";
import type { SeededRandom } from "../support/seeded-random.js";
import type { Fleet } from "./fleet.js";
import type { FaultKind, RunFacts } from "./history.js";
import type { HistoryRecorder } from "./history-recorder.js";
import { faultRecords } from "./records.js";
import { settledAtMs } from "./recovery.js";

/** How long nothing is done after a fault is settled, in ms: clients are to be seen at work as ever. */
const CALM_MS = 1_500;

/** A terminated node that has not ended by then never will, in ms. */
const EXIT_DEADLINE_MS = 30_000;

export interface FaultWorld {
  readonly fleet: Fleet;
  readonly redis: RedisServer;
  readonly random: SeededRandom;
  readonly recorder: HistoryRecorder;
  readonly facts: RunFacts;
}

/** One fault at a time, each kind before one comes again, until `forMs` are over. */
export async function causeFaults(
  world: FaultWorld,
  kinds: readonly FaultKind[],
  forMs: number,
): Promise<void> {
  const { recorder, random } = world;
  const untilMs = recorder.nowMs + forMs;
  for (let next: FaultKind[] = []; recorder.nowMs < untilMs; ) {
    await pause(random.integer(500, 1_500));
    next = next.length > 0 ? next : random.shuffled(kinds);
    const kind = next.pop();
    if (kind) await causeFault(kind, world);
    await calm(world);
  }
}

/** Waits until no consequence of what was done is left. */
async function calm({ recorder, facts }: FaultWorld): Promise<void> {
  const last = faultRecords(recorder.events).at(-1);
  if (last) await pause(Math.max(last.overMs, settledAtMs(last, facts)) + CALM_MS - recorder.nowMs);
}

/** Breaks one thing and puts it right again. Only one node is ever away. */
async function causeFault(kind: FaultKind, world: FaultWorld): Promise<void> {
  const { fleet, redis, random, recorder, facts } = world;
  const number = recorder.nextFault();
  const isOfRedis = kind.endsWith("Redis") || kind.startsWith("cut");
  const name = isOfRedis ? undefined : random.shuffled(fleet.names)[0];
  const begin = () =>
    recorder.record({ type: "fault", number, kind, ...(name === undefined ? {} : { node: name }) });
  const gone = () => recorder.record({ type: "gone", number });
  const { heartbeatTtlMs } = facts;

  if (name !== undefined) {
    const node = fleet.node(name);
    begin();
    if (kind === "terminate") {
      const late = AbortSignal.timeout(EXIT_DEADLINE_MS);
      await Promise.race([node.terminate(), rejected(late, `${name} does not end`)]);
      gone();
    } else {
      if (kind === "kill") await node.kill();
      else node.pause();
      gone();
      // Killed, it may be back before or after anybody has missed it; paused, it always has been missed.
      const [low, high] =
        kind === "kill" ? [0, heartbeatTtlMs + 2_000] : [heartbeatTtlMs + 500, heartbeatTtlMs + 2_500];
      await pause(random.integer(low, high));
    }
    if (kind === "pause") node.continue();
    else await node.restart();
  } else if (kind === "kill Redis") {
    begin();
    gone();
    await redis.kill();
    await pause(random.integer(0, 3_000));
    await redis.restart();
  } else {
    const commands = new Redis(redis.url);
    begin();
    gone();
    await commands.call("CLIENT", "KILL", "TYPE", kind === "cut Redis commands" ? "normal" : "pubsub");
    commands.disconnect();
  }
  recorder.record({ type: "over", number });
}

function rejected(signal: AbortSignal, why: string): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error(why)), { once: true });
  });
}
