import { expect, it } from "vitest";
import type { EmittingEndpoint } from "../support/emitting-endpoint.js";
import { RawClient } from "../support/raw-client.js";
import { SDKS } from "../support/sdk-table.js";
import { textTable } from "../support/text-table.js";
import { CountedNodes, type Traffic } from "./redis-traffic.js";

const TIMES = 50;
/** Heartbeats and house-keeping may come in between, for as long as a step takes. */
const MEANWHILE = 10;

/** A call that takes its time, with so many notifications on the way. */
async function call(
  client: RawClient,
  owner: EmittingEndpoint,
  id: number,
  notifications = 0,
): Promise<void> {
  const running = owner.session(client.sessionId).call(id);
  const [answer, emitted] = await Promise.all([client.call(id), running]);
  for (let n = 1; n <= notifications; n += 1) {
    await emitted.notify(String(n));
    await answer.untilMessages(n);
  }
  emitted.finish("done");
  await answer.untilOver();
  expect(answer.messages.length).toBe(notifications + 1);
}

async function notifyServer(client: RawClient): Promise<void> {
  const answer = await client.post({ jsonrpc: "2.0", method: "notifications/roots/list_changed" });
  await answer.untilOver();
  expect(answer.status).toBe(202);
}

it.each(SDKS)("what crosses the network to Redis, SDK %s", { timeout: 60_000 }, async (sdk) => {
  const counted = await CountedNodes.start(2, sdk);
  try {
    const { owner, other } = counted;
    const here = await RawClient.open(owner.url);
    const there = RawClient.attach(other.url, here);
    let id = 0;
    const next = () => {
      id += 1;
      return id;
    };
    // Both know the session by then, and both have their scripts in Redis.
    await call(here, owner, next(), 1);
    await call(there, owner, next(), 1);
    await notifyServer(there);
    const opened: RawClient[] = [];

    const steps: readonly [string, number, () => Promise<unknown>][] = [
      [
        "a session is opened, and its client says initialized",
        8,
        async () => opened.push(await RawClient.open(owner.url)),
      ],
      ["a call, at the owner", 1, () => call(here, owner, next())],
      ["a call with 10 notifications, at the owner", 11, () => call(here, owner, next(), 10)],
      ["a notification of the client, at the owner", 0, () => notifyServer(here)],
      ["a call, at another node", 6, () => call(there, owner, next())],
      ["a call with 10 notifications, at another node", 36, () => call(there, owner, next(), 10)],
      ["a notification of the client, at another node", 4, () => notifyServer(there)],
      [
        "the first call at a node that has not met the session",
        8,
        () => call(RawClient.attach(other.url, opened.shift() as RawClient), owner, next()),
      ],
    ];
    const rows: [string, Traffic][] = [];
    for (const [name, most, step] of steps) {
      const cost = await counted.cost(async () => {
        for (let n = 0; n < TIMES; n += 1) await step();
      });
      expect(cost.roundTrips, name).toBeLessThanOrEqual(most * TIMES + MEANWHILE);
      rows.push([name, cost]);
    }
    const each = (sum: number) => Math.round((10 * sum) / TIMES) / 10;
    console.log(
      textTable(
        [`SDK ${sdk}`, "round trips", "bytes", "Redis, µs"],
        rows.map(([name, { roundTrips, bytes, redisMicros }]) => [
          name,
          each(roundTrips),
          each(bytes),
          each(redisMicros),
        ]),
      ),
    );
  } finally {
    await counted.stop();
  }
});
