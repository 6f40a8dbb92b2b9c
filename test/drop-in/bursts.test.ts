import { InMemoryEventStore } from "@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js";
import { afterEach, describe, expect, it } from "vitest";
import type { RawClient } from "../support/raw-client.js";
import { EVENT_STORES } from "./event-store-kinds.js";
import { ServedTransport } from "./served-transport.js";
import { OUR_CLASSES, SDK } from "./transport-classes.js";

const ROUNDS = 40;
const texts = (what: string) => [1, 2, 3, 4, 5, 6].map((n) => `${what} ${n}`);

let served: ServedTransport;
let dispose: (() => Promise<void>) | undefined;
afterEach(async () => {
  await served?.stop();
  await dispose?.();
  dispose = undefined;
});

/** A call whose connection is cut between two bursts of notifications. Returns: what came, in order */
async function cutBetweenBursts(client: RawClient, round: number): Promise<string[]> {
  const first = await client.call(round);
  const call = await served.commanded.call(round);
  const burst = (what: string) => Promise.all(texts(what).map((text) => call.notify(text)));
  await burst("before");
  await first.untilMessages(6);
  first.cut();
  await burst("after");
  const second = await client.get(first.cursor);
  call.finish("done");
  await second.untilOver();
  return [...first.messages, ...second.messages].map((data) => {
    const { params, result } = JSON.parse(data);
    return params?.data ?? result?.content[0].text;
  });
}

/** In how many rounds everything came once and in order. */
async function faultlessRounds(): Promise<number> {
  const client = await served.open();
  let faultless = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const came = await cutBetweenBursts(client, round);
    const expected = [...texts("before"), ...texts("after"), "done"];
    if (JSON.stringify(came) === JSON.stringify(expected)) faultless += 1;
  }
  return faultless;
}

describe.each(OUR_CLASSES)("G1 $name", { timeout: 20_000 }, ({ Transport }) => {
  it.each(EVENT_STORES)(
    "on $name: a burst within one millisecond comes once and in order",
    async ({ open }) => {
      const opened = open();
      dispose = opened.dispose;
      served = await ServedTransport.start(Transport, { eventStore: opened.eventStore });
      expect(await faultlessRounds()).toBe(ROUNDS);
    },
  );
});

it("the same test finds what the SDK's class does with the SDK's example store", {
  timeout: 20_000,
}, async () => {
  served = await ServedTransport.start(SDK, { eventStore: new InMemoryEventStore() });
  expect(await faultlessRounds()).toBeLessThan(ROUNDS);
});
