import { checkConclusions } from "./check-conclusions.js";
import { checkConnections } from "./check-connections.js";
import { checkDeadline } from "./check-deadline.js";
import { checkIsolation } from "./check-isolation.js";
import { checkNotifications } from "./check-notifications.js";
import { checkSideEffects } from "./check-side-effects.js";
import { checkStream } from "./check-stream.js";
import type { History } from "./history.js";
import { faultRecords, sessionRecords } from "./records.js";
import type { Violation } from "./violation.js";

/** Everything in a history that must not have happened; nothing if all guarantees held. */
export function checkHistory(history: History): readonly Violation[] {
  const { facts, events } = history;
  const faults = faultRecords(events);
  const sessions = sessionRecords(events);
  return [
    ...checkIsolation(events),
    ...checkSideEffects(history, sessions),
    ...sessions.flatMap((session) => [
      ...checkConnections(session, faults, facts),
      ...checkNotifications(session),
      ...session.calls.flatMap((call) => [
        ...checkConclusions(call, faults, facts),
        ...checkStream(call, facts),
        ...checkDeadline(call, faults, facts),
      ]),
    ]),
  ];
}
