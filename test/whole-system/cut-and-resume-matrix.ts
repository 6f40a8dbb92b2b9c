import { parseEventId, type Store } from "@durable-mcp/contract";
import { expect } from "vitest";
import type { RawClient } from "../support/raw-client.js";
import type { SseFollower } from "../support/sse-follower.js";
import { waitFor } from "../support/wait-for.js";
import { labelOf, type Stage, type Subject, storedMessages } from "./cut-and-resume-subjects.js";

/** A stage whose store and connections can be looked at. */
export interface CutStage extends Stage {
  readonly store: Store;
  /** How many connections are open. */
  connections(): number;
}

/** Where a stream of `total` messages is cut, and what is sent when; every number counts messages. */
interface Cuts {
  /** Received before the first cut. */
  readonly before: number;
  /** Sent by the time of the first resume, in one burst after the cut. */
  readonly away: number;
  /** Sent by the time the resume is served, while the replay goes on. */
  readonly during: number;
  /** Received on the second connection before it is cut too; the third resumes at once, with no traffic between. */
  readonly again: number;
  /** Whether the server has noticed the first cut before it sends more. */
  readonly noticed: boolean;
}

function* everyCut(total: number): Generator<Cuts> {
  for (let before = 0; before <= total; before += 1)
    for (let away = before; away <= total; away += 1)
      for (let during = away; during <= total; during += 1)
        for (let again = 0; again <= during - before; again += 1)
          yield { before, away, during, again, noticed: (before + away + during + again) % 2 === 0 };
}

/** Opens the subject once for every way of cutting it, and checks that each time everything comes once and in order. */
export async function cutEverywhere(stage: CutStage, subject: Subject): Promise<void> {
  let runs = 0;
  for (const cuts of everyCut(subject.labels.length)) {
    // A client that was given no cursor before the cut cannot resume: nothing can be done for it.
    if (cuts.before === 0 && subject.protocolVersion < "2025-11-25") continue;
    try {
      await runCuts(stage, subject, cuts);
    } catch (error) {
      throw new Error(`${JSON.stringify(cuts)}: ${String(error)}`, { cause: error });
    }
    runs += 1;
  }
  expect(runs).toBeGreaterThan(30);
}

async function runCuts(
  stage: CutStage,
  subject: Subject,
  { before, away, during, again, noticed }: Cuts,
): Promise<void> {
  const total = subject.labels.length;
  const { client, first, emit } = await subject.open(stage);
  const emitUpTo = range(emit);
  emitUpTo(before);
  await first.until("a cursor", () => first.messages.length >= before && first.cursor !== undefined);
  first.cut();
  if (noticed) await waitFor("the server to notice", () => stage.connections() === 0);

  emitUpTo(away);
  const resuming = client.get(first.cursor);
  const sending = oneATurn(() => emitUpTo.next(during));
  const second = await resuming;
  expect(second.status).toBe(subject.ends && before === total ? 405 : 200);
  await second.untilMessages(again);
  second.cut();
  const third = await client.get(second.cursor ?? first.cursor);
  await sending;
  emitUpTo(total);
  const received = [...first.messages, ...second.messages];
  // Everything may have been read before the second cut: then there is nothing to resume.
  if (third.status === 200) {
    if (subject.ends) await third.untilOver();
    else await third.untilMessages(total - received.length);
  } else {
    expect([third.status, received.length]).toEqual([405, total]);
  }
  received.push(...third.messages);

  const anyId = first.cursor ?? second.cursor ?? third.cursor ?? "";
  const stored = await storedMessages(stage.store, client.sessionId, anyId);
  expect([...stored.map(({ data }) => labelOf(data))].sort()).toEqual([...subject.labels].sort());
  expect(received).toEqual(stored.map(({ data }) => data));
  for (const follower of [first, second, third]) checkFrames(follower, subject.protocolVersion);
  for (const [resumed, cursor] of [
    [second, first.cursor],
    [third, second.cursor ?? first.cursor],
  ] as const) {
    if (resumed.status === 200 && resumed.events.length > 0) {
      checkPreamble(resumed, cursor as string, subject.protocolVersion);
    }
  }
  await resumeFromEveryCursor(client, subject, stored, anyId);
  third.cut();
}

/** Whatever cursor a client comes with, it gets exactly what follows it. */
async function resumeFromEveryCursor(
  client: RawClient,
  subject: Subject,
  stored: Awaited<ReturnType<typeof storedMessages>>,
  anyId: string,
): Promise<void> {
  const cursors = [anyId.replace(/\.[^.]+\.[^.]+$/, ".0.0")];
  for (const { offset } of stored) cursors.push(anyId.replace(/\.[^.]+\.[^.]+$/, `.${offset}.1`));
  for (const [index, cursor] of cursors.entries()) {
    const resumed = await client.get(cursor);
    const rest = stored.slice(index).map(({ data }) => data);
    if (subject.ends && rest.length === 0) {
      expect(resumed.status).toBe(405);
      continue;
    }
    if (subject.ends) await resumed.untilOver();
    else await resumed.untilMessages(rest.length);
    if (subject.protocolVersion >= "2025-11-25")
      await resumed.until("the cursor", () => resumed.events.length > 0);
    expect(resumed.messages).toEqual(rest);
    checkPreamble(resumed, cursor, subject.protocolVersion);
    resumed.cut();
  }
}

/** The frames' ids are the offsets in order; older revisions never get an event without data. */
function checkFrames(follower: SseFollower, protocolVersion: string): void {
  const offsets = follower.events.flatMap(({ id }) => (id === undefined ? [] : [parseEventId(id)?.offset]));
  expect(offsets).toEqual([...offsets].sort((a, b) => Number(a) - Number(b)));
  if (protocolVersion < "2025-11-25") {
    expect(follower.events.filter(({ id, data }) => id !== undefined && data === "")).toEqual([]);
  }
}

/** A resumed stream begins with the client's own cursor, for clients that can take it. */
function checkPreamble(follower: SseFollower, cursor: string, protocolVersion: string): void {
  if (protocolVersion < "2025-11-25") return;
  expect(follower.events[0]).toEqual({ id: cursor, data: "", retryMs: 3_000 });
}

/** Emits up to a number of messages in all: as one burst, or one message at a time (`next`). */
function range(emit: (index: number) => void): ((end: number) => void) & { next(end: number): boolean } {
  let emitted = 0;
  const next = (end: number) => {
    if (emitted >= end) return false;
    emitted += 1;
    emit(emitted - 1);
    return true;
  };
  const all = (end: number) => {
    while (next(end)) {
      // one burst, within one turn of the event loop
    }
  };
  return Object.assign(all, { next });
}

/** Calls `step` once per turn of the event loop until it returns false. */
async function oneATurn(step: () => boolean): Promise<void> {
  while (step()) await new Promise((resolve) => setImmediate(resolve));
}
