import assert from "node:assert/strict";
import type { Retention, Store, StreamKey } from "@durable-mcp/contract";
import { ALL, sweepAll } from "../fixtures.js";
import type { StoreTestContext } from "../store-case.js";
import { type ModelledStore, ModelStore } from "./model-store.js";
import { type Expected, type Operation, SESSION_IDS, STREAM_IDS } from "./operations.js";

/** The time that steps are measured in. What lasts, lasts whole ticks and a half, so that no step falls on its end. */
export const TICK_MS = 100;

export interface SequenceOptions {
  readonly retention: Retention;
  /** Ticks that a session lives beyond what the steps say. */
  readonly extraTicks: number;
  /** Whether all house-keeping is done after each passage of time, for rules that hold only from then on. */
  readonly sweepsAlways: boolean;
}

/**
 * Does the steps on a store and on the model, and compares each answer, and in the end all that is left.
 *
 * Shapes:  handles: of the same data, at least one; those that are open are in it afterwards, too
 *          run: a number that no other run on this data has
 */
export async function compareWithModel(
  t: StoreTestContext,
  handles: Store[],
  run: number,
  steps: readonly Operation[],
  options: SequenceOptions,
): Promise<void> {
  const model = new ModelStore(options.retention);
  const done: string[] = [];
  for (const step of steps) {
    done.push(JSON.stringify(step));
    const store = handles[step.handle % handles.length] as Store;
    if (step.do === "reopen") {
      if (t.capabilities.durable) handles.splice(0, handles.length, await t.reopen(), await t.another());
    } else if (step.do === "advance" || step.do === "sweep") {
      await passTime(t, model, store, step, options);
    } else {
      const perform = prepare(step, run, model, options);
      const [expected, actual] = [await perform(model), await perform(store)];
      assert.deepEqual(
        comparable(actual),
        comparable(expected),
        `the last of these steps:\n${done.join("\n")}`,
      );
    }
  }
  const [expected, actual] = [await snapshot(model, run), await snapshot(handles[0] as Store, run)];
  assert.deepEqual(comparable(actual), comparable(expected), `all that is left after:\n${done.join("\n")}`);
  for (const id of SESSION_IDS) await (handles[0] as Store).sessions.terminate(sessionId(run, id));
}

async function passTime(
  t: StoreTestContext,
  model: ModelStore,
  store: Store,
  step: Extract<Operation, { do: "advance" | "sweep" }>,
  options: SequenceOptions,
): Promise<void> {
  if (step.do === "advance") {
    model.nowMs += step.ticks * TICK_MS;
    await t.advance(step.ticks * TICK_MS);
    if (!options.sweepsAlways) return;
  }
  await model.sessions.sweep(1);
  await sweepAll(store, step.do === "sweep" ? step.limit : 100);
}

/** Binds a step to what the model knows now, so that it is the same call on the model and on the store. */
function prepare(
  step: Exclude<Operation, { do: "advance" | "sweep" | "reopen" }>,
  run: number,
  model: ModelStore,
  options: SequenceOptions,
): (target: ModelledStore) => Promise<unknown> {
  const id = sessionId(run, step.session);
  const fence = (expected: Expected) => other(model.fenceOf(id), expected);
  const ttlMs = (ticks: number) => (ticks + options.extraTicks + 0.5) * TICK_MS;
  switch (step.do) {
    case "create": {
      const session = { id, principal: principalOf(run), nodeId: "node-1", shape: { run }, state: {} };
      const bounds = { ttlMs: ttlMs(step.ticks), maxPerPrincipal: 100, maxTotal: 100_000 };
      return ({ sessions }) => sessions.create(session, bounds);
    }
    case "get":
      return ({ sessions }) => sessions.get(id);
    case "list":
      return (target) => listed(target, run);
    case "touch":
      return ({ sessions }) => sessions.touch(id, ttlMs(step.ticks));
    case "update": {
      // Which of two refusals wins is not promised.
      const version = step.fence === "other" ? "none" : step.version;
      const expected = { fence: fence(step.fence), ...versionOf(version, model.versionOf(id)) };
      return ({ sessions }) => sessions.update(id, expected, { state: { n: step.n } });
    }
    case "claim": {
      const expected = fence(step.fence);
      return ({ sessions }) => sessions.claim(id, expected, `node-${step.handle}`);
    }
    case "release": {
      const expected = fence(step.fence);
      return ({ sessions }) => sessions.release(id, expected);
    }
    case "terminate":
      return ({ sessions }) => sessions.terminate(id);
    case "openStreams":
      return ({ log }) => log.openStreams(id);
    default:
      return prepareOnStream(step, { sessionId: id, streamId: step.stream }, model, fence);
  }
}

function prepareOnStream(
  step: Extract<Operation, { do: "append" | "read" | "finals" | "head" | "trim" | "take" }>,
  key: StreamKey,
  model: ModelStore,
  fence: (expected: Expected) => number,
): (target: ModelledStore) => Promise<unknown> {
  const stream = model.streamAt(key);
  const isInbox = step.stream === "inbox";
  switch (step.do) {
    case "append": {
      const events = step.events.map(({ payload, final }) => {
        return { kind: isInbox ? "control" : "message", payload, final: final && !isInbox } as const;
      });
      // Which of two refusals wins is not promised.
      const expected = step.fence === "other" && stream?.endedAtMs !== undefined ? "present" : step.fence;
      const append = {
        ...(expected !== "none" && { fence: fence(expected) }),
        end: step.end && !isInbox,
        refuseWhenFull: step.refuse && isInbox,
      };
      return ({ log }) => log.append(key, events, append);
    }
    case "read": {
      const { events, bytes } = step;
      const after = step.after % ((stream?.last ?? 0) + 3);
      return ({ log }) => log.read(key, after, { events, bytes });
    }
    case "finals":
      return ({ log }) => log.finals(key);
    case "head":
      return ({ log }) => log.head(key);
    case "trim": {
      const inbox = { ...key, streamId: "inbox" };
      const upTo = step.upTo % ((model.streamAt(inbox)?.last ?? 0) + 2);
      const expected = fence(step.fence);
      return ({ log }) => log.trim(inbox, upTo, expected);
    }
    case "take": {
      const { events, bytes } = step;
      const expected = fence(step.fence);
      return ({ log }) => log.take({ ...key, streamId: "inbox" }, { events, bytes }, expected);
    }
  }
}

async function snapshot(target: ModelledStore, run: number): Promise<unknown> {
  const all: unknown[] = [await listed(target, run)];
  for (const id of SESSION_IDS) {
    const session = sessionId(run, id);
    all.push([await target.sessions.get(session), await target.log.openStreams(session)]);
    for (const streamId of STREAM_IDS) {
      const key = { sessionId: session, streamId };
      const head = await target.log.head(key);
      const kept = await target.log.read(key, (head?.oldest ?? 1) - 1, ALL);
      all.push([streamId, head, kept, await target.log.read(key, 0, ALL), await target.log.finals(key)]);
    }
  }
  return all;
}

/** In the order of their ids, as sessions of one ms have no order of their own. */
async function listed(target: ModelledStore, run: number): Promise<unknown> {
  const { sessions } = await target.sessions.list(principalOf(run), { limit: 10 });
  return sessions.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Without the times, which the model's clock does not share with the store's. */
function comparable(answer: unknown): unknown {
  const json = JSON.stringify({ answer }, (name, value) => (name.endsWith("AtMs") ? undefined : value));
  return JSON.parse(json);
}

function versionOf(expected: Expected, present: number): { version?: number } {
  return expected === "none" ? {} : { version: other(present, expected) };
}

function other(present: number, expected: Expected): number {
  if (expected !== "other") return present;
  return present > 1 ? present - 1 : present + 1;
}

function sessionId(run: number, id: string): string {
  return `run-${run}:${id}`;
}

function principalOf(run: number): string {
  return `principal-${run}`;
}
