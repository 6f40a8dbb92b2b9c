import { expect, onTestFinished, test } from "vitest";
import { RedisServer } from "../support/redis-server.js";
import { printedSeed, SeededRandom } from "../support/seeded-random.js";
import { Balancer } from "./balancer.js";
import { chaosFaults, chaosMs } from "./chaos-settings.js";
import { coverageOf } from "./coverage.js";
import { expectClean } from "./expect-clean.js";
import { causeFaults } from "./faults.js";
import { Fleet } from "./fleet.js";
import { startHealthChecks } from "./health-checks.js";
import { nodeArgs } from "./node-flags.js";
import { recordRun } from "./record-run.js";

/** The history of a round is judged and forgotten before the next one begins, on the same nodes. */
const ROUND_MS = 120_000;
/** What starting, draining and judging may take on top, in ms. */
const ROUND_SLACK_MS = 90_000;
const FLAGS = { heartbeatTtlMs: 2_000, drainMs: 4_000, readinessGraceMs: 300 };
const FACTS = {
  heartbeatTtlMs: FLAGS.heartbeatTtlMs,
  onInterrupted: "conclude",
  tolerant: true,
  slackMs: 1_000,
} as const;
const LOAD = { busy: 8, quiet: 8, visitors: 2 };

const rounds = Math.ceil(chaosMs() / ROUND_MS);

test("G1-G6, G8 hold while nodes and Redis are killed, paused, cut off and restarted", {
  timeout: chaosMs() + rounds * ROUND_SLACK_MS,
}, async () => {
  const seed = printedSeed("chaos");
  const random = new SeededRandom(seed);
  const redis = await RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
  onTestFinished(() => redis.stop());
  const fleet = await Fleet.start({ nodes: 3, store: redis.url, args: (name) => nodeArgs(name, FLAGS) });
  onTestFinished(() => fleet.stop());
  const balancer = new Balancer(fleet.targets, random);
  onTestFinished(startHealthChecks(balancer));

  for (let round = 1; round <= rounds; round += 1) {
    const facts = { ...FACTS, nodes: fleet.names };
    const history = await recordRun({ fleet, balancer, random, load: LOAD, facts }, (recorder) =>
      causeFaults({ fleet, redis, random, recorder, facts }, chaosFaults(), chaosMs() / rounds),
    );
    const coverage = coverageOf(history);
    console.log(`chaos, round ${round} of ${rounds}: ${JSON.stringify(coverage)}`);
    await expectClean(history, `SEED=${seed}, round ${round}`, fleet.errors);
    expect(coverage.results).toBeGreaterThan(100);
    expect(coverage.struck).toBeGreaterThan(0);
    expect(coverage.sentMeanwhile).toBeGreaterThan(0);
  }
});
