import type { Store } from "@durable-mcp/contract";
import { createRedisStore } from "@durable-mcp/store-redis";
import { expect, it, onTestFinished } from "vitest";
import { type EmittingEndpoint, startEmittingEndpoint } from "../support/emitting-endpoint.js";
import { RawClient } from "../support/raw-client.js";
import { SDKS, type SdkName } from "../support/sdk-table.js";
import { redisUrl } from "../support/store-table.js";
import { waitFor } from "../support/wait-for.js";

/** Endpoints on the same keys, as processes behind a load balancer have them, and a store of nobody's. */
async function startNodes(
  count: number,
  sdk: SdkName,
): Promise<{ readonly nodes: readonly EmittingEndpoint[]; readonly store: Store }> {
  const keyPrefix = `${crypto.randomUUID()}:`;
  const openStore = () => {
    const store = createRedisStore({ url: redisUrl(), keyPrefix });
    onTestFinished(() => store.close());
    return store;
  };
  const nodes = Array.from({ length: count }, async () => {
    const node = await startEmittingEndpoint(openStore(), sdk);
    onTestFinished(() => node.close());
    return node;
  });
  return { nodes: await Promise.all(nodes), store: openStore() };
}

it.each(SDKS)("G6 an owner that was taken for dead writes nothing more, SDK %s", async (sdk) => {
  const { nodes, store } = await startNodes(2, sdk);
  const [first, second] = nodes as [EmittingEndpoint, EmittingEndpoint];
  const here = await RawClient.open(first.url);
  const there = RawClient.attach(second.url, here);
  const interrupted = await here.call(1);
  const running = await first.session(here.sessionId).call(1);
  await running.notify("before");
  await interrupted.untilMessages(1);
  await store.sessions.claim(here.sessionId, 1, "a node that has died since");
  await store.sessions.release(here.sessionId, 2);

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

  // From now on it sends what comes to it to the new owner.
  const forwarded = await Promise.all([
    here.call(3),
    second
      .session(here.sessionId)
      .call(3)
      .then((call) => call.finish("done there, too")),
  ]);
  await forwarded[0].untilOver();
  expect(JSON.parse(forwarded[0].messages.at(-1) ?? "{}")).toMatchObject({ id: 3, result: {} });
  expect(await there.delete()).toBe(200);
  expect([await here.delete(), await there.delete()]).toEqual([404, 404]);
});
