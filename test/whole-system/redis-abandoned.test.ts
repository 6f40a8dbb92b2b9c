import { createRedisStore } from "@durable-mcp/store-redis";
import { Redis } from "ioredis";
import { expect, it, onTestFinished } from "vitest";
import { type EmittingEndpoint, startEmittingEndpoint } from "../support/emitting-endpoint.js";
import { RawClient } from "../support/raw-client.js";
import { RedisServer } from "../support/redis-server.js";
import { waitFor } from "../support/wait-for.js";

/** SESSIONS=50000 takes its time. */
const SESSIONS = Number(process.env.SESSIONS ?? 300);
const LANES = 16;
const MINUTES = 60_000;

it(`G7 ${SESSIONS} sessions that are opened and abandoned at two nodes leave no key in Redis, by expiry alone`, {
  timeout: 10 * MINUTES,
}, async () => {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  const idleTtlMs = Math.max(2_000, SESSIONS);
  const limits = { maxSessions: SESSIONS, maxSessionsPerPrincipal: SESSIONS };
  const nodes: EmittingEndpoint[] = [];
  for (let n = 0; n < 2; n += 1) {
    const retention = { maxAgeMs: 2 * idleTtlMs };
    const store = createRedisStore({ url: redis.url, retention });
    const node = await startEmittingEndpoint(store, "v1", { idleTtlMs, heartbeatTtlMs: 2_000, ...limits });
    onTestFinished(async () => {
      await node.close();
      await store.close();
    });
    nodes.push(node);
  }
  const [first, second] = nodes as [EmittingEndpoint, EmittingEndpoint];
  const admin = new Redis(redis.url);
  onTestFinished(() => admin.disconnect());

  let opened = 0;
  const lane = async () => {
    while (opened < SESSIONS) {
      opened += 1;
      await useAndAbandon(opened, first, second);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const most = await admin.dbsize();
  console.log(`${SESSIONS} sessions: ${most} keys, ${await memoryOf(admin)} bytes in Redis`);
  expect(most).toBeGreaterThan(SESSIONS);

  const left = async () => {
    const keys: string[] = [];
    for await (const page of admin.scanStream({ count: 1_000 })) keys.push(...page);
    return keys;
  };
  // What stays for a minute at most is who was watching (`:w`), and the nodes' heartbeats (`{n:`).
  const isRegistration = (key: string) => key.endsWith(":w") || key.includes("{n:");
  await waitFor("the sessions to expire", async () => (await left()).every(isRegistration), 3 * MINUTES);
  for (const key of await left()) expect(await admin.pttl(key), key).toBeLessThanOrEqual(MINUTES);
  await waitFor(
    "the nodes to let go of them",
    () => nodes.every(({ endpoint }) => endpoint.stats().sessions === 0),
    MINUTES,
  );
  for (const { endpoint } of nodes) await endpoint.close();
  if (process.env.SESSIONS)
    await waitFor("the last key to expire", async () => (await left()).length === 0, 2 * MINUTES);
});

/** Some do more than to open a session, at the node that has it and at the other one. */
async function useAndAbandon(n: number, owner: EmittingEndpoint, other: EmittingEndpoint): Promise<void> {
  const here = await RawClient.open(owner.url);
  const there = RawClient.attach(other.url, here);
  if (n % 5 === 1) {
    const [answer, call] = await Promise.all([there.call(1), owner.session(here.sessionId).call(1)]);
    call.finish("done");
    await answer.untilOver();
  }
  if (n % 5 === 2) (await there.call(1)).cut();
  if (n % 5 === 3) (await there.get()).cut();
}

async function memoryOf(admin: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await admin.info("memory"))?.[1]);
}
