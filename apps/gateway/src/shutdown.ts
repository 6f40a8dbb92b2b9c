import type { Gateway } from "./gateway.js";
import type { Log } from "./log.js";

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Time in ms from the end of the draining to the end of the process, whatever hangs. */
const CLOSING_MS = 5_000;

/** SIGTERM or SIGINT closes the gateway and exits with code 0, by the deadline; a second one exits at once. */
export function closeOnSignal(gateway: Gateway, drainMs: number, log: Log): void {
  const deadlineMs = Math.min(drainMs + CLOSING_MS, LONGEST_TIMER_MS);
  let signalled = false;
  const onSignal = (signal: NodeJS.Signals) => {
    // Upstreams are not waited for: their watchers end them.
    if (signalled) process.exit(1);
    signalled = true;
    log.info("closing", { signal });
    setTimeout(() => {
      log.warn("closing takes too long", { deadlineMs });
      process.exit(0);
    }, deadlineMs).unref();
    gateway.close().then(
      () => process.exit(0),
      (error) => {
        log.error("closing failed", { cause: error });
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
}
