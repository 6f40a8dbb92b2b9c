import type { History, HistoryEvent } from "./history.js";
import { callOf } from "./records.js";

/** How many characters of an event are shown. */
const SHOWN = 240;
/** How long before and after a call faults may matter to it, in ms. */
const NEAR_MS = 10_000;

/** The faults of a run, one event per line. */
export function faultsAsText({ events }: History): string {
  return lines(events.filter(isOfFault));
}

/** What happened to one call, or to one session apart from its calls, with the faults near it, one event per line. */
export function historyOf({ events }: History, name: string): string {
  const requests = new Set(
    events.flatMap((event) =>
      event.type === "request" && (event.call ?? event.session) === name ? [event.request] : [],
    ),
  );
  const isAbout = (event: HistoryEvent): boolean => {
    if ("request" in event) return requests.has(event.request);
    if ("call" in event) return event.call === name;
    if (event.type === "side effect") return event.key === name;
    if (event.type !== "received") return "session" in event && event.session === name;
    const { message, session } = event;
    return (callOf(message) ?? session) === name || message.params?.data === name;
  };
  const own = events.filter(isAbout);
  const [first, last] = [own[0]?.atMs ?? 0, own.at(-1)?.atMs ?? 0];
  const isNear = ({ atMs }: HistoryEvent) => atMs > first - NEAR_MS && atMs < last + NEAR_MS;
  return lines(events.filter((event) => (isOfFault(event) && isNear(event)) || isAbout(event)));
}

function isOfFault({ type }: HistoryEvent): boolean {
  return type === "fault" || type === "gone" || type === "over";
}

function lines(events: readonly HistoryEvent[]): string {
  return events.map(line).join("\n");
}

function line({ type, atMs, ...rest }: HistoryEvent): string {
  const shown = JSON.stringify(rest);
  const cut = shown.length > SHOWN ? `${shown.slice(0, SHOWN)} ...` : shown;
  return `${String(atMs).padStart(8)} ms  ${type.padEnd(11)}  ${cut}`;
}
