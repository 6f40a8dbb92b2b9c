import { storeCases } from "@durable-mcp/contract-tests";
import { describe, expect, it } from "vitest";
import { type Fault, failuresWith } from "./breakable-harness.js";
import * as logFaults from "./log-faults.js";
import * as sessionFaults from "./session-faults.js";

/** Each fault, and the cases that must name it, whatever other cases it fails too. */
const FAULTS: Readonly<Record<keyof typeof logFaults | keyof typeof sessionFaults, readonly string[]>> = {
  reordersWithinAMillisecond: ["G1 a burst within one millisecond keeps its order"],
  emptyPageForATrimmedCursor: [
    "G2 a cursor whose next event was trimmed gets a gap, never an empty page",
    "G1 G2 G7 random sequences on streams that are trimmed, age and end agree with the model",
  ],
  leaksAForeignStream: ["G3 a stream of another session is unknown, as one that never existed"],
  joinsIdsWithAColon: ["G3 no pair of session and stream id is taken for another pair"],
  deletesAtDelivery: ["G1 G7 delivery never deletes"],
  forgetsTheEnd: ["G1 an ended stream takes no further append"],
  endsMoreThanOnce: ["G1 of concurrent ends exactly one happens"],
  ignoresTheFence: ["G6 a stale fence writes nothing"],
  restartsOffsetsAfterReopening: ["G1 G4 streams are there after reopening, and their offsets go on"],
  losesFinalsOnTrimming: [
    "G2 final events survive trimming by count",
    "G2 final events survive trimming by bytes",
  ],
  appendsPieceByPiece: [
    "G1 an append of several events and an end is seen whole or not at all",
    "G1 offsets are contiguous under concurrent appenders",
  ],
  countsCharactersForBytes: ["G7 a page keeps to the limit of UTF-8 bytes, but never returns nothing"],
  normalisesText: ["G1 payloads come back byte for byte"],
  trimsAFullInbox: ["G5 G7 a full inbox refuses by count, and takes more once it was trimmed"],
  takesUnderAnyFence: ["G5 G6 a take asks for the fence, and never creates a stream"],
  takesWithoutRemoving: [
    "G5 a take returns the oldest events as a read would, and removes them, final ones too, for good",
    "G5 G7 a full inbox has room again for as much as was taken",
    "G1 G2 G4 what was trimmed or taken stays a gap after reopening, and offsets never restart",
  ],
  takesInTwoSteps: ["G5 of concurrent takes and appends each event is taken exactly once, in order"],
  takesMoreThanItReturns: [
    "G5 G7 a take keeps to the limit of UTF-8 bytes, but never returns nothing while something is kept",
  ],
  takesEverything: [
    "G5 G7 a take keeps to the limit of events, and says whether something is left",
    "G5 G7 a take keeps to the limit of UTF-8 bytes, but never returns nothing while something is kept",
  ],
  losesWakeUps: ["G1 every append after watch has resolved wakes the watcher"],
  wakesBeforeItWrites: ["G1 a reader that reads only when woken misses nothing"],
  recreatesASessionOnTouch: [
    "G7 touch never creates or revives a session",
    "G1 G3 G6 G7 random sequences on sessions that come, go and expire agree with the model",
  ],
  exceedsTheQuota: ["G7 concurrent creates never exceed a principal's quota"],
  letsTwoClaimsWin: ["G6 of concurrent claims exactly one wins"],
  ignoresTheVersion: ["G4 an update for another version is a conflict and learns the present record"],
  showsExpiredSessionsUntilSwept: ["G7 get is the first to meet an expired session"],
  leavesTheStreamsOfATerminatedSession: [
    "G1 G3 a session created anew under an ended one's id has nothing of it",
  ],
  listsByPosition: ["G9 list pages stay whole while sessions come and go"],
  sweepsLiveSessions: ["G7 sweeping in small steps comes to an end and spares what lives"],
  answersAfterClose: [
    "G8 after close every method rejects with STORE_CLOSED, and closing again does nothing",
  ],
  trustsDeadNodes: ["G6 a node is alive from its heartbeat until that runs out"],
};

const faults: Readonly<Record<string, Fault>> = { ...logFaults, ...sessionFaults };

describe("the store suite", () => {
  it("passes a store without a fault", { timeout: 30_000 }, async () => {
    expect([...(await failuresWith((store) => store))]).toEqual([]);
  });

  it.each(Object.entries(FAULTS))("fails a store that %s", { timeout: 60_000 }, async (name, expected) => {
    const failures = await failuresWith(faults[name] as Fault);
    const names = [...failures.keys()];
    expect(names).toEqual(expect.arrayContaining([...expected]));
    expect(names.length, "a fault is found without failing everything").toBeLessThan(storeCases.length);
  });

  it("has a unique name for each case, which cites a guarantee", () => {
    const names = storeCases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^(G([1-9]|1[01]) )+[a-zA-Z]/);
  });
});
