import { grouped } from "./grouped.js";
import type { History } from "./history.js";
import { markOf } from "./marks.js";
import { type CallRecord, eventsOf, type SessionRecord } from "./records.js";
import type { Violation } from "./violation.js";

/** A call has its effect once if it got its result, and at most once otherwise, unless it may be dispatched again. */
export function checkSideEffects(
  { events, facts }: History,
  sessions: readonly SessionRecord[],
): readonly Violation[] {
  const effects = grouped(eventsOf(events, "side effect"), ({ key }) => key);
  const marks = new Set(sessions.map(({ mark }) => mark));
  const calls = new Map(
    sessions.flatMap((session) => session.calls).map((call): [string, CallRecord] => [call.sent.call, call]),
  );
  const violations: Violation[] = [];
  for (const [key, { length }] of effects) {
    const kind = calls.get(key)?.sent.kind;
    // What sessions of an earlier round do late is not this history's.
    if (kind !== "side effect" && marks.has(markOf(key) ?? ""))
      violations.push({ sentence: `Nobody has asked for the side effect ${key}.`, of: key });
    if (length > 1 && facts.onInterrupted === "conclude")
      violations.push({ sentence: `The side effect of ${key} happened ${length} times.`, of: key });
  }
  for (const [key, { sent, conclusions }] of calls) {
    const hasResult = conclusions.some(({ error }) => !error);
    if (sent.kind === "side effect" && hasResult && !effects.has(key))
      violations.push({
        sentence: `The side effect of ${key} never happened, yet it got its result.`,
        of: key,
      });
  }
  return violations;
}
