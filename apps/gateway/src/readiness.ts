import type { Log } from "./log.js";
import { causeOf } from "./rpc.js";

/** Longest the store may take to say that it is ready, in ms. */
const READY_TIMEOUT_MS = 2_000;

/**
 * Whether requests can be served, asked anew at every call; each change is logged with its cause.
 *
 * Shapes:  ready: resolves if requests can be served now
 */
export function createReadiness(ready: () => Promise<void>, log: Log): () => Promise<boolean> {
  let wasReady = true;
  return async () => {
    const cause = await whyNot(ready);
    const isReady = cause === undefined;
    if (isReady !== wasReady) {
      wasReady = isReady;
      if (isReady) log.info("ready");
      else log.warn("not ready", { cause });
    }
    return isReady;
  };
}

async function whyNot(ready: () => Promise<void>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${READY_TIMEOUT_MS} ms`), READY_TIMEOUT_MS);
  });
  return Promise.race([ready().then(() => undefined, causeOf), late]).finally(() => clearTimeout(timer));
}
