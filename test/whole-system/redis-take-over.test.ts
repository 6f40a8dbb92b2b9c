import { createRedisStore } from "@durable-mcp/store-redis";
import { expect, it, onTestFinished } from "vitest";
import { type EmittingEndpoint, startEmittingEndpoint } from "../support/emitting-endpoint.js";
import { RawClient } from "../support/raw-client.js";
import { SDKS, type SdkName } from "../support/sdk-table.js";
import { redisUrl } from "../support/store-table.js";
import { waitFor } from "../support/wait-for.js";

/** Endpoints on the same keys, as processes behind a load balancer have them. */
async function startNodes(count: number, sdk: SdkName): Promise<readonly EmittingEndpoint[]> {
  const keyPrefix = `${crypto.randomUUID()}:`;
  const nodes = Array.from({ length: count }, async () => {
    const store = createRedisStore({ url: redisUrl(), keyPrefix });
    const node = await startEmittingEndpoint(store, sdk);
    onTestFinished(async () => {
      await node.close();
      await store.close();
    });
    return node;
  });
  return Promise.all(nodes);
}

it.each(SDKS)("G6 a session that another node takes over goes on there, SDK %s", async (sdk) => {
  const [first, second] = (await startNodes(2, sdk)) as [EmittingEndpoint, EmittingEndpoint];
  const here = await RawClient.open(first.url);
  const there = RawClient.attach(second.url, here);
  const interrupted = await here.call(1);
  const running = await first.session(here.sessionId).call(1);
  await running.notify("before");
  await interrupted.untilMessages(1);

  const answer = await there.call(2);
  (await second.session(here.sessionId).call(2)).finish("done there");
  await answer.untilOver();
  expect(JSON.parse(answer.messages.at(-1) ?? "{}")).toMatchObject({ id: 2, result: {} });

  // The former owner finds out when it writes, and writes nothing.
  running.finish("too late");
  await interrupted.untilOver();
  await waitFor("the former owner to let go", () => first.endpoint.stats().sessions === 0);
  expect(interrupted.messages.join()).not.toContain("too late");
  const resumed = await there.get(interrupted.cursor);
  await resumed.untilOver();
  const [error, ...more] = resumed.messages.map((text) => JSON.parse(text));
  expect(error).toMatchObject({ id: 1, error: { code: -31010, data: { retryable: true } } });
  expect(more).toEqual([]);

  // It may take the session back like anybody else.
  const back = await here.call(3);
  (await waitFor("the session", () => first.session(here.sessionId).call(3))).finish("done here");
  await back.untilOver();
  expect(JSON.parse(back.messages.at(-1) ?? "{}")).toMatchObject({ id: 3, result: {} });
  expect(await there.delete()).toBe(200);
  expect([await here.delete(), await there.delete()]).toEqual([404, 404]);
});
