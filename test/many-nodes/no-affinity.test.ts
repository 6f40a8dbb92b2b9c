import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Nginx } from "../support/nginx.js";
import { NodeFleet } from "../support/node-fleet.js";
import { printedSeed, SeededRandom } from "../support/seeded-random.js";
import { temporaryDirectory } from "../support/store-table.js";
import { textTable } from "../support/text-table.js";
import { tallyNodes } from "./node-tally.js";
import { runTraffic } from "./run-traffic.js";
import { planTraffic } from "./traffic-plan.js";

/** The server's SDK makes no difference to where requests go: the second one needs fewer of them. */
const SIZES = [
  { sdk: "v1", requests: 10_000, sessions: 200 },
  { sdk: "v2", requests: 2_000, sessions: 60 },
] as const;

/** NODES=1 shows what is the fault of the test, or of a single node. */
const NODES = Number(process.env.NODES ?? 3);

const seed = printedSeed("no-affinity");

describe("G5 behind nginx that deals requests out in turn, with no affinity", () => {
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it.each(SIZES)(
    "$requests mixed requests of $sessions sessions meet no error, server of SDK $sdk",
    {
      timeout: 180_000,
    },
    async ({ sdk, requests, sessions }) => {
      const directory = await temporaryDirectory();
      cleanups.push(directory.remove);
      const sideEffects = join(directory.path, "side-effects");
      const fleet = await NodeFleet.start({ size: NODES, sdk, env: { SIDE_EFFECT_FILE: sideEffects } });
      cleanups.push(() => fleet.stop());
      const nginx = await Nginx.start(fleet.ports);
      cleanups.push(() => nginx.stop());

      const plan = planTraffic(new SeededRandom(seed), requests, sessions);
      const startedAtMs = performance.now();
      const users = await runTraffic(plan, nginx.url);
      const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1);
      const { byNode, errands } = tallyNodes(
        users.flatMap(({ sessions }) => sessions.map(({ traced }) => traced)),
      );
      console.log(
        `${requests} requests in ${seconds} s, SEED=${seed}\n${planTable(plan)}\n\n${errandTable(errands)}`,
      );

      const errors = users.flatMap(({ errors }) => errors);
      expect(errors, `SEED=${seed}. The nodes say: ${fleet.errors}`).toEqual([]);
      expect(fleet.errors).toBe("");
      const done = (await readFile(sideEffects, "utf8")).trimEnd().split("\n");
      expect(done.sort()).toEqual(users.flatMap(({ effects }) => effects).sort());

      // And it really went round.
      expect(byNode.size).toBe(NODES);
      for (const { total, elsewhere } of errands.values()) {
        expect(total).toBeGreaterThan(0);
        expect(elsewhere).toBeGreaterThan(NODES === 1 ? -1 : total / 3);
      }
      expect([...errands.keys()]).toHaveLength(4);
    },
  );
});

function planTable(plan: ReturnType<typeof planTraffic>): string {
  const counts = new Map<string, number>();
  for (const { kind } of plan.flat(2)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return textTable(["kind of request", "count"], [...counts].sort());
}

function errandTable(errands: ReturnType<typeof tallyNodes>["errands"]): string {
  const rows = [...errands].map(([errand, { total, elsewhere }]) => [errand, total, elsewhere]);
  return textTable(["what needs its session", "count", "at another node"], rows);
}
