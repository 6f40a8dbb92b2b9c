/** How much is done in one round of a measure. */
export interface Scale {
  readonly rounds: number;
  /** Before anything counts. */
  readonly warmUpMs: number;
  /** For each figure that is a rate. */
  readonly phaseMs: number;
  /** Calls that stream 1,000 notifications. */
  readonly streamCalls: number;
  /** Streams of 10,000 events that lie beside the one that is resumed. */
  readonly otherStreams: number;
  readonly resumes: number;
  readonly idleSessions: number;
  readonly heapCalls: number;
}

export const FULL: Scale = {
  rounds: 5,
  warmUpMs: 1_000,
  phaseMs: 1_500,
  streamCalls: 50,
  otherStreams: 10,
  resumes: 5,
  idleSessions: 1_000,
  heapCalls: 50_000,
};

/** For a look within about a minute, where noise does not matter. */
export const QUICK: Scale = {
  rounds: 1,
  warmUpMs: 700,
  phaseMs: 700,
  streamCalls: 20,
  otherStreams: 4,
  resumes: 3,
  idleSessions: 500,
  heapCalls: 20_000,
};
