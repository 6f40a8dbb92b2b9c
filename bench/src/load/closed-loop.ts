import type { Connection } from "./connection.js";

export interface LoopResult {
  readonly count: number;
  /** Steps per second. */
  readonly rate: number;
  /** Of each step, in the order of their ends. */
  readonly latenciesMs: readonly number[];
}

/** Repeats a step on each connection, the next as soon as the one before has ended, for `durationMs`. */
export async function closedLoop(
  connections: readonly Connection[],
  durationMs: number,
  step: (connection: Connection) => Promise<void>,
): Promise<LoopResult> {
  const latenciesMs: number[] = [];
  const beginMs = performance.now();
  const repeat = async (connection: Connection) => {
    for (let fromMs = beginMs; fromMs < beginMs + durationMs; ) {
      await step(connection);
      const nowMs = performance.now();
      latenciesMs.push(nowMs - fromMs);
      fromMs = nowMs;
    }
  };
  await Promise.all(connections.map(repeat));
  const seconds = (performance.now() - beginMs) / 1_000;
  return { count: latenciesMs.length, rate: latenciesMs.length / seconds, latenciesMs };
}

/** Repeats a step on each connection, `count` times in all. */
export async function repeatOn(
  connections: readonly Connection[],
  count: number,
  step: (connection: Connection) => Promise<void>,
): Promise<void> {
  let left = count;
  const repeat = async (connection: Connection) => {
    while (left > 0) {
      left -= 1;
      await step(connection);
    }
  };
  await Promise.all(connections.map(repeat));
}
