import type { Gateway } from "./gateway.js";
import type { Log } from "./log.js";

/** Time in ms from the first signal to the end of the process, whatever hangs. */
const DEADLINE_MS = 10_000;

/** SIGTERM or SIGINT closes the gateway and exits with code 0, by the deadline; a second one exits at once. */
export function closeOnSignal(gateway: Gateway, log: Log): void {
  let signalled = false;
  const onSignal = (signal: NodeJS.Signals) => {
    // Upstreams are not waited for: their watchers end them.
    if (signalled) process.exit(1);
    signalled = true;
    log.info("closing", { signal });
    setTimeout(() => {
      log.warn("closing takes too long", { deadlineMs: DEADLINE_MS });
      process.exit(0);
    }, DEADLINE_MS).unref();
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
