import type { HistoryEvent } from "./history.js";

/** What can be done to the events of a history; nothing if what it is to be done to is not there. */

export type Spoiled = readonly HistoryEvent[] | undefined;

/** How much too late what is late is, in ms. */
const LATE_MS = 60_000;

export function without(events: readonly HistoryEvent[], ...lost: (HistoryEvent | undefined)[]): Spoiled {
  const rest = events.filter((event) => !lost.includes(event));
  return rest.length < events.length ? rest : undefined;
}

export function doubled(events: readonly HistoryEvent[], event: HistoryEvent | undefined): Spoiled {
  return inPlaceOf(events, event, [event, event]);
}

export function changed<Event extends HistoryEvent>(
  events: readonly HistoryEvent[],
  event: Event | undefined,
  change: { readonly [Name in keyof Event]?: Event[Name] | undefined },
): Spoiled {
  return event && inPlaceOf(events, event, [{ ...event, ...change } as HistoryEvent]);
}

export function swapped(
  events: readonly HistoryEvent[],
  one: HistoryEvent | undefined,
  other: HistoryEvent | undefined,
): Spoiled {
  if (!one || !other) return undefined;
  return events.map((event) => (event === one ? other : event === other ? one : event));
}

export function inPlaceOf(
  events: readonly HistoryEvent[],
  event: HistoryEvent | undefined,
  others: readonly (HistoryEvent | undefined)[],
): Spoiled {
  if (!event) return undefined;
  return events.flatMap((one) => (one === event ? others.flatMap((other) => other ?? []) : [one]));
}

export function late(events: readonly HistoryEvent[], conclusion: HistoryEvent | undefined): Spoiled {
  return conclusion && changed(events, conclusion, { atMs: conclusion.atMs + LATE_MS });
}

/** Lets a node have died at a time, for good. */
export function afterDeath(
  events: readonly HistoryEvent[] | undefined,
  before: HistoryEvent,
  atMs: number,
): Spoiled {
  const death: HistoryEvent[] = [
    { type: "fault", number: 1, kind: "kill", node: "n1", atMs },
    { type: "gone", number: 1, atMs },
    { type: "over", number: 1, atMs },
  ];
  return events && inPlaceOf(events, before, [...death, before]);
}
