import { DEFAULT_RETENTION } from "@durable-mcp/contract";
import fc from "fast-check";
import { compareWithModel, type SequenceOptions, TICK_MS } from "../model/compare-with-model.js";
import { sequences, type Weights } from "../model/operations.js";
import type { StoreCase, StoreTestContext } from "../store-case.js";

const TIGHT = { maxEvents: 5, maxBytes: 30, maxAgeMs: 2.5 * TICK_MS, maxEndedStreams: 1 };

/** Of the time that a case may take. */
const SEARCH_SHARE = 0.9;

const ON_SESSIONS: Weights = {
  ...{ create: 8, get: 3, list: 2, touch: 3, update: 5, claim: 3, release: 2, terminate: 2 },
  ...{
    append: 6,
    read: 4,
    finals: 1,
    head: 1,
    trim: 1,
    take: 1,
    openStreams: 2,
    advance: 6,
    sweep: 1,
    reopen: 1,
  },
};

const ON_STREAMS: Weights = {
  ...{ create: 4, get: 0, list: 0, touch: 0, update: 0, claim: 1, release: 0, terminate: 1 },
  ...{
    append: 30,
    read: 15,
    finals: 3,
    head: 3,
    trim: 3,
    take: 5,
    openStreams: 2,
    advance: 4,
    sweep: 1,
    reopen: 1,
  },
};

export const sequenceCases: readonly StoreCase[] = [
  {
    name: "G1 G3 G6 G7 random sequences on sessions that come, go and expire agree with the model",
    run: (t) =>
      runSequences(t, ON_SESSIONS, { retention: DEFAULT_RETENTION, extraTicks: 0, sweepsAlways: false }),
  },
  {
    name: "G1 G2 G7 random sequences on streams that are trimmed, age and end agree with the model",
    retention: TIGHT,
    run: (t) => runSequences(t, ON_STREAMS, { retention: TIGHT, extraTicks: 1_000, sweepsAlways: true }),
  },
];

async function runSequences(t: StoreTestContext, weights: Weights, options: SequenceOptions): Promise<void> {
  const handles = [t.store, await t.another()];
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(sequences(weights), async (steps) => {
      // Every run has session ids of its own, so that all of them can share the data.
      runs += 1;
      await compareWithModel(t, handles, runs, steps, options);
    }),
    {
      numRuns: t.sequences,
      // Looking for the shortest sequence ends in time to be told of the shortest that was found.
      interruptAfterTimeLimit: SEARCH_SHARE * t.timeoutMs,
      markInterruptAsFailure: true,
    },
  );
}
