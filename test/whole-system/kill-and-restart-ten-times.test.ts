import { setTimeout as pause } from "node:timers/promises";
import { McpError } from "@modelcontextprotocol/sdk/types.js";
import { afterEach, expect, onTestFailed, test } from "vitest";
import { BusySession } from "../support/busy-session.js";
import { EverythingProcess } from "../support/everything-process.js";
import { connectOfficialClient, type OfficialClient } from "../support/official-client.js";
import { printedSeed, SeededRandom } from "../support/seeded-random.js";
import { DURABLE_STORES_AND_SDKS, temporaryDirectory } from "../support/store-table.js";

const VERSIONS = ["2025-03-26", "2025-06-18", "2025-11-25"];
/** When the process is killed. */
const KILLS = [
  ...["during calls", "during calls", "during calls", "during calls"],
  ...["during replays", "during replays", "during replays"],
  ...["during restores", "during restores"],
  "between calls",
] as const;

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let everything: EverythingProcess;
let official: OfficialClient;

afterEach(async () => {
  await official?.client.close();
  await everything?.kill();
  await directory?.remove();
});

/** They end no session, lose no message, double none and invent none. */
test.each(DURABLE_STORES_AND_SDKS)(
  "G4 on $kind, SDK $sdk: ten kills in a row do no harm",
  { timeout: 120_000 },
  async ({ kind, nameIn, sdk }) => {
    const random = new SeededRandom(printedSeed(`ten kills on ${kind}, SDK ${sdk}`));
    directory = await temporaryDirectory();
    everything = await EverythingProcess.start({ store: nameIn(directory.path), sdk });
    onTestFailed(() => console.error(everything.errors));
    const sessions = await Promise.all(
      [...VERSIONS, "2025-11-25"].map((version) => BusySession.open(everything.url, version, random)),
    );
    official = await connectOfficialClient(everything.url);
    const calls: Promise<"result" | "error">[] = [];

    for (const moment of random.shuffled(KILLS)) {
      if (moment === "during restores") {
        for (const session of sessions) session.knock();
        await pause(random.integer(0, 25));
      } else {
        await settled(sessions);
        await Promise.all(calls);
      }
      if (moment === "during calls") {
        for (const session of sessions) session.beBusy();
        const call = officialCall(official, random.integer(50, 400), random.integer(0, 40));
        // It is awaited before the next kill; a failure until then is no unhandled one.
        call.catch(() => {});
        calls.push(call);
        if (random.chance(0.7)) await Promise.all(sessions.map((session) => session.begun()));
        await pause(random.integer(5, 250));
      } else if (moment === "during replays") {
        for (const session of sessions) session.beBusy();
        await Promise.all(sessions.map((session) => session.settle()));
        for (const session of sessions) session.replay();
        await pause(random.integer(0, 15));
      }
      await everything.restart();
    }

    await settled(sessions);
    const outcomes = await Promise.all(calls);
    for (const session of sessions) {
      await session.checkRecordings();
      expect(new Set(session.statuses)).not.toContain(404);
      session.raw.cut();
    }
    checkOfficialClient(official);
    console.log(
      "calls:",
      sessions.map(({ outcomes: { results, errors, unheard } }) => `${results}+${errors}+${unheard}`),
    );
    console.log("the official client's calls:", outcomes.join(" "));
  },
);

/** Every session lives, has concluded its calls, and has a server object like the one before. */
async function settled(sessions: readonly BusySession[]): Promise<void> {
  await Promise.all(
    sessions.map(async (session) => {
      await session.settle();
      await session.checkRestored();
      await session.checkFinished();
    }),
  );
}

/** A call of the official client. It ends in its result or in an explicit, retryable error; progress is in order. */
async function officialCall(
  { client }: OfficialClient,
  ms: number,
  steps: number,
): Promise<"result" | "error"> {
  const progress: number[] = [];
  const call = client.callTool({ name: "test_slow", arguments: { ms, steps } }, undefined, {
    onprogress: (one) => progress.push(one.progress),
    timeout: 15_000,
  });
  const error = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(progress).toEqual(progress.map((_, index) => index + 1));
  if (error === undefined) expect(progress).toHaveLength(steps);
  // The request itself was lost with the socket: fetch has told the client so at once.
  else if (error instanceof McpError)
    expect(error).toMatchObject({ code: -31010, data: { retryable: true } });
  else expect(String(error)).toContain("fetch failed");
  return error === undefined ? "result" : "error";
}

/** It was never told that its session is gone, and never asked again where it was told 405. */
function checkOfficialClient({ requests }: OfficialClient): void {
  expect(requests.map(({ status }) => status)).not.toContain(404);
  for (const [index, { status, lastEventId }] of requests.entries()) {
    if (status !== 405) continue;
    const later = requests.slice(index + 1).filter((request) => request.lastEventId === lastEventId);
    expect(later).toEqual([]);
  }
}
