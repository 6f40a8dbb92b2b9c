import { existsSync, readFileSync } from "node:fs";
import { waitFor } from "./wait-for.js";

/** Whether a process runs. One that has ended but was not collected by its parent (a zombie) does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, "utf8"));
  } catch {
    return false;
  }
}

/** Process ids that probe servers wrote to a file. */
export function pidsIn(file: string): number[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map(Number) : [];
}

/** Waits until none of them runs any more. */
export async function allGone(pids: readonly number[], deadlineMs?: number): Promise<void> {
  await waitFor(`processes ${pids.join(", ")} to end`, () => !pids.some(isRunning), deadlineMs);
}
