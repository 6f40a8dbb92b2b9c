import type { History } from "./history.js";
import { type CallRecord, eventsOf, faultRecords, sessionRecords } from "./records.js";
import { settledAtMs } from "./recovery.js";

/** What a history has put to the test. */
export interface Coverage {
  readonly sessions: number;
  readonly calls: number;
  readonly results: number;
  readonly errors: number;
  readonly faults: number;
  /** Calls that were running when something broke. */
  readonly struck: number;
  /** Of these, those that were interrupted and concluded though their session sent nothing between. */
  readonly concludedUnasked: number;
  /** Calls sent between a fault and its end. */
  readonly sentMeanwhile: number;
  /** How long after the fault the last of the calls was concluded that it had interrupted, in ms, for each kind of fault. */
  readonly slowestMs: Readonly<Record<string, number>>;
}

/** Counts what a history has put to the test: one without violations proves as much. */
export function coverageOf({ events, facts }: History): Coverage {
  const faults = faultRecords(events);
  const sessions = sessionRecords(events);
  const calls = sessions.flatMap((session) => session.calls.map((call) => ({ session, call, ...end(call) })));
  const struck = faults.flatMap((fault) =>
    calls
      .filter(({ call, atMs }) => call.sent.atMs < fault.fromMs && atMs > fault.fromMs)
      .map((one) => ({ ...one, fault })),
  );
  const interrupted = struck.filter(({ failed }) => failed);
  const unasked = interrupted.filter(({ session, fault, atMs }) =>
    session.connections.every(({ request }) => request.atMs < fault.fromMs || request.atMs > atMs),
  );
  const slowestMs: Record<string, number> = {};
  for (const { fault, atMs } of interrupted)
    slowestMs[fault.kind] = Math.max(slowestMs[fault.kind] ?? 0, atMs - fault.fromMs);
  return {
    sessions: eventsOf(events, "opened").length,
    calls: calls.length,
    results: calls.filter(({ failed }) => !failed).length,
    errors: calls.filter(({ failed }) => failed).length,
    faults: faults.length,
    struck: struck.length,
    concludedUnasked: unasked.length,
    sentMeanwhile: calls.filter(({ call }) =>
      faults.some((fault) => call.sent.atMs >= fault.fromMs && call.sent.atMs <= settledAtMs(fault, facts)),
    ).length,
    slowestMs,
  };
}

function end({ conclusions: [first] }: CallRecord): { readonly atMs: number; readonly failed: boolean } {
  return { atMs: first?.atMs ?? Number.POSITIVE_INFINITY, failed: first?.error !== undefined };
}
