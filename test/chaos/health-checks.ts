import { setTimeout as pause } from "node:timers/promises";
import type { Balancer, Target } from "./balancer.js";

const INTERVAL_MS = 100;
/** A node that does not answer within it is not ready, in ms. */
const TIMEOUT_MS = 500;

/** Asks every node again and again whether it is ready, and tells the balancer. Returns: what ends it */
export function startHealthChecks(balancer: Balancer): () => Promise<void> {
  const stopped = new AbortController();
  const loops = balancer.targets.map(async (target) => {
    while (!stopped.signal.aborted) {
      balancer.setReady(target.name, await isReady(target));
      await pause(INTERVAL_MS);
    }
  });
  return async () => {
    stopped.abort();
    await Promise.all(loops);
  };
}

async function isReady({ url }: Target): Promise<boolean> {
  try {
    const { status, body } = await fetch(new URL("/readyz", url), {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await body?.cancel();
    return status === 200;
  } catch {
    return false;
  }
}
