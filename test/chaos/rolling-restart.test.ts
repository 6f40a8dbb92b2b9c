import { expect, onTestFinished, test } from "vitest";
import { RedisServer } from "../support/redis-server.js";
import { printedSeed, SeededRandom } from "../support/seeded-random.js";
import { waitFor } from "../support/wait-for.js";
import { Balancer } from "./balancer.js";
import { coverageOf } from "./coverage.js";
import { expectClean } from "./expect-clean.js";
import { Fleet } from "./fleet.js";
import { startHealthChecks } from "./health-checks.js";
import type { HistoryRecorder } from "./history-recorder.js";
import { nodeArgs } from "./node-flags.js";
import { recordRun } from "./record-run.js";

const FLAGS = { heartbeatTtlMs: 5_000, drainMs: 8_000, readinessGraceMs: 500 };
/** What a process may take to end after its last call, in ms. */
const EXIT_MS = 2_000;
const LOAD = { busy: 8, quiet: 8, visitors: 2 };

test("G10 a rolling restart of all nodes under load shows no error to any client", {
  timeout: 120_000,
}, async () => {
  const seed = printedSeed("rolling restart");
  const random = new SeededRandom(seed);
  const redis = await RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
  onTestFinished(() => redis.stop());
  const fleet = await Fleet.start({ nodes: 3, store: redis.url, args: (name) => nodeArgs(name, FLAGS) });
  onTestFinished(() => fleet.stop());
  const balancer = new Balancer(fleet.targets, random);
  onTestFinished(startHealthChecks(balancer));

  const restart = async (name: string, number: number, recorder: HistoryRecorder) => {
    recorder.record({ type: "fault", number, kind: "terminate", node: name });
    const beganMs = recorder.nowMs;
    expect(await fleet.node(name).terminate(), `the exit code of ${name}`).toBe(0);
    expect(recorder.nowMs - beganMs).toBeLessThan(FLAGS.readinessGraceMs + FLAGS.drainMs + EXIT_MS);
    recorder.record({ type: "gone", number });
    await fleet.node(name).restart();
    recorder.record({ type: "over", number });
    await waitFor(`${name} to be ready again`, () => balancer.isReady(name));
    // Back in service: the next one goes when this one has been given work.
    const fromMs = recorder.nowMs;
    const isAtWork = () =>
      recorder.events.findLast(
        (event) => event.type === "request" && event.node === name && event.atMs > fromMs,
      );
    await waitFor(`work for ${name}`, isAtWork);
  };
  const facts = {
    heartbeatTtlMs: FLAGS.heartbeatTtlMs,
    onInterrupted: "conclude",
    tolerant: false,
    slackMs: 1_000,
  } as const;
  const history = await recordRun({ fleet, balancer, random, load: LOAD, facts }, async (recorder) => {
    for (const name of fleet.names) await restart(name, recorder.nextFault(), recorder);
  });
  const coverage = coverageOf(history);
  console.log(`rolling restart: ${JSON.stringify(coverage)}`);
  await expectClean(history, `SEED=${seed}`, fleet.errors);
  expect(coverage.struck).toBeGreaterThan(20);
});
