#!/usr/bin/env node
import { banner } from "./banner.js";
import { startGateway } from "./gateway.js";
import { createLog } from "./log.js";
import { parseOptions, USAGE } from "./options.js";
import { closeOnSignal } from "./shutdown.js";
import { StartupError } from "./startup-error.js";

// Whoever read them has gone; the gateway goes on.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === "help") {
    process.stdout.write(USAGE);
    return;
  }
  const log = createLog();
  const gateway = await startGateway(options, log);
  closeOnSignal(gateway, options.drainMs, log);
  process.stdout.write(banner(gateway, options));
}

main().catch((error: unknown) => {
  if (!(error instanceof StartupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
