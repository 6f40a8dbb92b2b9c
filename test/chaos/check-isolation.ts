import type { WireMessage } from "../support/recorded-stream.js";
import type { HistoryEvent } from "./history.js";
import { marksIn } from "./marks.js";
import { eventsOf } from "./records.js";
import type { Violation } from "./violation.js";

/** Everything that a session is told carries its own mark, and no other's (G3). */
export function checkIsolation(events: readonly HistoryEvent[]): readonly Violation[] {
  return eventsOf(events, "received").flatMap(({ session, message }) => {
    const marks = marksIn(message);
    const said = JSON.stringify(message);
    const foreign = marks.filter((mark) => mark !== session);
    if (foreign.length > 0)
      return [
        { sentence: `Session ${session} was told what belongs to ${foreign.join()}: ${said}`, of: session },
      ];
    if (marks.length === 0 && !isOfNoCall(message))
      return [{ sentence: `Session ${session} was told what nobody has asked for: ${said}`, of: session }];
    return [];
  });
}

/** What a server says of its own accord after a take-over or an outage. */
function isOfNoCall({ method }: WireMessage): boolean {
  return method === "notifications/cancelled" || method?.endsWith("/list_changed") === true;
}
