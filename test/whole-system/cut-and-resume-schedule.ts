import { expect } from "vitest";
import { RawClient } from "../support/raw-client.js";
import type { SeededRandom } from "../support/seeded-random.js";
import { FollowedStream } from "./cut-and-resume-followed.js";
import type { Stage } from "./cut-and-resume-subjects.js";

const STEPS = 50;
/** Lengths of messages: several in one packet, more than a page of the store, more than a socket takes. */
const LENGTHS = [10, 10, 10, 2_000, 90_000];

/** Opens a session, makes its streams say things, cuts and resumes them at random, and checks that all of it came. */
export async function runSchedule(stage: Stage, random: SeededRandom): Promise<void> {
  const protocolVersion = random.chance(0.7) ? "2025-11-25" : "2025-03-26";
  const client = await RawClient.open(stage.url, protocolVersion);
  const streams = [await openGet(stage, client)];
  for (let step = 0; step < STEPS; step += 1) {
    const running = streams.filter(({ finished }) => !finished);
    if (running.length < 3 && random.chance(0.2)) {
      streams.push(await openCall(stage, client, streams.length));
    } else {
      await randomStep(random, random.shuffled(streams)[0] as FollowedStream);
    }
  }
  for (const stream of streams) {
    await stream.followToTheEnd();
    expect(stream.received, stream.name).toEqual(stream.sent);
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

async function openGet(stage: Stage, client: RawClient): Promise<FollowedStream> {
  const session = stage.session(client.sessionId);
  const stream = new FollowedStream("GET", client, await client.get(), {
    notify: (data) => session.notify(data),
  });
  await stream.firstCursor();
  return stream;
}

async function openCall(stage: Stage, client: RawClient, id: number): Promise<FollowedStream> {
  const follower = await client.call(id);
  const call = await stage.session(client.sessionId).call(id);
  const stream = new FollowedStream(`call ${id}`, client, follower, {
    notify: (data) => call.notify(data),
    finish: (data) => call.finish(data),
    fail: (data) => call.fail(data),
    close: () => call.closeConnection(),
  });
  await stream.firstCursor();
  return stream;
}
