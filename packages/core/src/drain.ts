import { z } from "zod";
import type { EndpointCore } from "./endpoint-core.js";
import { GET_STREAM_ID } from "./get-stream.js";
import { parseWith } from "./options.js";
import type { SessionDirectory } from "./session-directory.js";

/** How often in ms it is looked whether everything is done. */
const LOOK_MS = 20;

/** Long enough for the probes of most load balancers. */
const USUAL_GRACE_MS = 5_000;

const ms = z.int("expected ms, >= 0").min(0, "expected ms, >= 0");

const optionsSchema = z
  .strictObject({
    /**
     * Time in ms for load balancers to notice that this process is not ready; meanwhile its sessions are served.
     * Default: 5,000, or all of the time if that is less.
     */
    readinessGraceMs: ms.optional(),
    /** Time in ms, from the beginning, after which calls that still run are left to the session's next owner. */
    deadlineMs: ms.default(30_000),
  })
  .refine(({ readinessGraceMs = 0, deadlineMs }) => readinessGraceMs <= Math.max(0, deadlineMs), {
    path: ["readinessGraceMs"],
    message: "expected at most deadlineMs",
  })
  .transform(({ readinessGraceMs, deadlineMs }) => ({
    readinessGraceMs: readinessGraceMs ?? Math.min(USUAL_GRACE_MS, deadlineMs),
    deadlineMs,
  }));

/** Options of `endpoint.drain`. */
export type DrainOptions = z.input<typeof optionsSchema>;
type DrainSettings = z.output<typeof optionsSchema>;

/** Errors:  TypeError that names each wrong or unknown option */
export function parseDrainOptions(options: DrainOptions): DrainSettings {
  return parseWith(optionsSchema, "drain", options);
}

/**
 * Takes an endpoint out of service step by step: it is not ready any more, then takes no new work, and is done when
 * what runs is done, or at the deadline.
 *
 * Shapes:  signal: aborted when there is nothing left to wait for
 * Source:  G10
 */
export async function drain(
  { context, directory }: EndpointCore,
  { readinessGraceMs, deadlineMs }: DrainSettings,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  context.phase = "draining";
  await pause(readinessGraceMs, signal);
  if (signal.aborted) return;
  context.phase = "finishing";
  for (const session of directory.here) session.connections.close(GET_STREAM_ID);
  directory.owned.putOffCalls();
  while (!signal.aborted && performance.now() < deadline) {
    await handOverIdle(directory);
    if (directory.here.every(({ isIdle }) => isIdle)) return;
    await pause(LOOK_MS, signal);
  }
}

/** Where there are other nodes, they may have a session as soon as nothing is being done for it here. */
async function handOverIdle(directory: SessionDirectory): Promise<void> {
  const idle = [...directory.live.values()].filter(({ inbox, isIdle }) => inbox && isIdle);
  await Promise.all(
    idle.map(async (session) => {
      await session.settle();
      if (session.isIdle) await directory.owned.handOver(session);
    }),
  );
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}
