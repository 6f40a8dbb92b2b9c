import { describe, expect, it } from "vitest";
import { type EmittingEndpoint, startEmittingEndpoint } from "../support/emitting-endpoint.js";
import { lateStore } from "../support/late-store.js";
import { RawClient } from "../support/raw-client.js";
import type { SdkName } from "../support/sdk-table.js";
import { printedSeed, SeededRandom } from "../support/seeded-random.js";
import { STORES_AND_SDKS, type StoreKind } from "../support/stores.js";
import { FollowedStream } from "./cut-and-resume-followed.js";

/** The schedules are about streams, not about SDKs: the second SDK needs fewer of them. */
const SCHEDULES = { v1: 100, v2: 40 };
const STEPS = 50;
/** Lengths of messages: several in one packet, more than a page of the store, more than a socket takes. */
const LENGTHS = [10, 10, 10, 2_000, 90_000];

const seed = printedSeed("cut-and-resume-random");

describe.each(STORES_AND_SDKS)("G1 on $kind.name, SDK $sdk: random sends, cuts, resumes", ({ kind, sdk }) => {
  it.concurrent.each([0, 1, 2, 3])("part %i", { timeout: 60_000 }, async (part) => {
    for (let n = part; n < SCHEDULES[sdk]; n += 4) {
      try {
        await runSchedule(kind, sdk, new SeededRandom(seed + n));
      } catch (error) {
        throw new Error(`Run again with SEED=${seed + n}. ${String(error)}`, { cause: error });
      }
    }
  });
});

async function runSchedule(kind: StoreKind, sdk: SdkName, random: SeededRandom): Promise<void> {
  const { store, dispose } = kind.open();
  // Half of the time the store answers late, so that whatever can overtake a read or an append does.
  const endpoint = await startEmittingEndpoint(random.chance(0.5) ? lateStore(store, random) : store, sdk);
  try {
    const protocolVersion = random.chance(0.7) ? "2025-11-25" : "2025-03-26";
    const client = await RawClient.open(endpoint.url, protocolVersion);
    const streams = [await openGet(endpoint, client)];
    for (let step = 0; step < STEPS; step += 1) {
      const running = streams.filter(({ finished }) => !finished);
      if (running.length < 3 && random.chance(0.2)) {
        streams.push(await openCall(endpoint, client, streams.length));
      } else {
        await randomStep(random, random.shuffled(streams)[0] as FollowedStream);
      }
    }
    for (const stream of streams) {
      await stream.followToTheEnd();
      expect(stream.received, stream.name).toEqual(stream.sent);
    }
  } finally {
    await endpoint.close();
    await dispose();
  }
}

async function randomStep(random: SeededRandom, stream: FollowedStream): Promise<void> {
  const steps: readonly (() => void | Promise<void>)[] = [
    () => burst(random, stream),
    () => burst(random, stream),
    () => burst(random, stream),
    () => stream.cut(),
    () => stream.resume(),
    () => stream.resume(),
    async () => {
      await stream.resume();
      await stream.resume();
    },
    // The answer to the resume is not waited for: sends meet the replay.
    () => {
      const resumed = stream.resume();
      burst(random, stream);
      return resumed;
    },
    () => stream.readSlowly(true),
    () => stream.readSlowly(false),
    () => stream.closeByServer(),
    () => (random.chance(0.4) ? stream.finish(random.chance(0.5)) : undefined),
    () => turns(random.integer(1, 5)),
  ];
  await steps[random.integer(0, steps.length - 1)]?.();
}

function burst(random: SeededRandom, stream: FollowedStream): void {
  for (let count = random.integer(1, 4); count > 0; count -= 1) {
    stream.send(random.shuffled(LENGTHS)[0] as number);
  }
}

async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function openGet(endpoint: EmittingEndpoint, client: RawClient): Promise<FollowedStream> {
  const session = endpoint.session(client.sessionId);
  const stream = new FollowedStream("GET", client, await client.get(), {
    notify: (data) => session.notify(data),
  });
  await stream.firstCursor();
  return stream;
}

async function openCall(endpoint: EmittingEndpoint, client: RawClient, id: number): Promise<FollowedStream> {
  const follower = await client.call(id);
  const call = await endpoint.session(client.sessionId).call(id);
  const stream = new FollowedStream(`call ${id}`, client, follower, {
    notify: (data) => call.notify(data),
    finish: (data) => call.finish(data),
    fail: (data) => call.fail(data),
    close: () => call.closeConnection(),
  });
  await stream.firstCursor();
  return stream;
}
