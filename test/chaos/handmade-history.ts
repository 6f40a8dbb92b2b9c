import type { WireMessage } from "../support/recorded-stream.js";
import type { CallError, CallKind, EventOf, FaultKind, HistoryEvent, RunFacts } from "./history.js";

/** Words to write a history by hand with; all times in ms. */

export const FACTS: RunFacts = {
  nodes: ["n1", "n2", "n3"],
  heartbeatTtlMs: 2_000,
  onInterrupted: "conclude",
  tolerant: true,
  slackMs: 100,
};

/** The session that everything happens in. */
export const OWN = "mark-00000001";
export const FOREIGN = "mark-00000002";
export const CALL = `${OWN}.1`;

const of = { session: OWN, call: CALL } as const;

export const sent = (
  atMs: number,
  { kind = "stream", ...given }: Partial<EventOf<"sent">> & { kind?: CallKind } = {},
): HistoryEvent => ({
  atMs,
  type: "sent",
  ...of,
  kind,
  lengthMs: 1_000,
  steps: 2,
  answer: "slow done",
  ...given,
});
export const received = (atMs: number, message: WireMessage): HistoryEvent => ({
  atMs,
  type: "received",
  session: OWN,
  message,
});
export const progress = (atMs: number, n: number): HistoryEvent =>
  received(atMs, { method: "notifications/progress", params: { progressToken: CALL, progress: n } });
export const notified = (atMs: number, data: string): HistoryEvent =>
  received(atMs, { method: "notifications/message", params: { data } });

/** The response, and the client's conclusion. */
export const result = (atMs: number, { call = CALL, text = "slow done" } = {}): HistoryEvent[] => [
  received(atMs, { id: call, result: {} }),
  { atMs, type: "concluded", session: OWN, call, text },
];
export const interrupted = (atMs: number): HistoryEvent[] => [
  received(atMs, { id: CALL, error: { code: -31010, message: "interrupted", data: { retryable: true } } }),
  failure(atMs, { from: "rpc", code: -31010, retryable: true, message: "interrupted" }),
];
export const failure = (atMs: number, error: CallError): HistoryEvent => ({
  atMs,
  type: "concluded",
  ...of,
  error,
});

/** A request of the call at a node, and its answer. */
export const connection = (
  request: number,
  node: string,
  fromMs: number,
  toMs: number,
  given: {
    readonly status?: number;
    readonly how?: EventOf<"closed">["how"];
    readonly hasEventId?: boolean;
    readonly cursor?: string;
    readonly call?: string;
  } = {},
): HistoryEvent[] => {
  const { status = 200, how = "complete", hasEventId = true, ...about } = { call: CALL, ...given };
  const method = about.cursor === undefined ? "POST" : "GET";
  return [
    { atMs: fromMs, type: "request", session: OWN, request, node, method, ...about },
    { atMs: fromMs, type: "head", session: OWN, request, status },
    { atMs: toMs, type: "closed", session: OWN, request, how, hasEventId },
  ];
};

/** A fault from one time to another; a node is gone at once unless it is said when. */
export const fault = (
  kind: FaultKind,
  node: string | undefined,
  fromMs: number,
  overMs: number,
  goneMs = fromMs,
): HistoryEvent[] => [
  { atMs: fromMs, type: "fault", number: 1, kind, ...(node === undefined ? {} : { node }) },
  { atMs: goneMs, type: "gone", number: 1 },
  { atMs: overMs, type: "over", number: 1 },
];
