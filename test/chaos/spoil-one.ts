import type { WireMessage } from "../support/recorded-stream.js";
import type { SeededRandom } from "../support/seeded-random.js";
import type { EventOf, History, HistoryEvent, RunFacts } from "./history.js";
import { type CallRecord, eventsOf, type SessionRecord, sessionRecords } from "./records.js";
import { changed, type Spoiled } from "./spoiled-events.js";

/** Chooses at random what of a history is spoiled. Returns: undefined if there is nothing that this could be done to */
export type Plant = (history: History, random: SeededRandom) => History | undefined;

type Received = EventOf<"received">;
type Events = readonly HistoryEvent[];

/** In a run that was told something else. */
export function where(facts: Partial<RunFacts>, plant: Plant): Plant {
  return (history, random) => plant({ ...history, facts: { ...history.facts, ...facts } }, random);
}

/** Spoils one call that is concluded with a result. */
export function inCall(
  isWanted: (call: CallRecord) => boolean,
  spoil: (call: CallRecord, events: Events, random: SeededRandom) => Spoiled,
): Plant {
  return (history, random) => {
    const calls = sessionRecords(history.events).flatMap((session) => session.calls);
    const call = oneOf(calls.filter(isWanted), random);
    return withEvents(history, call && spoil(call, history.events, random));
  };
}

export function inSession(
  spoil: (session: SessionRecord, events: Events, random: SeededRandom) => Spoiled,
): Plant {
  return (history, random) => {
    const sessions = sessionRecords(history.events).filter(
      ({ others }) => others.some(isSaid) && others.some(isUpdate),
    );
    const session = oneOf(sessions, random);
    return withEvents(history, session && spoil(session, history.events, random));
  };
}

export function onEvent<Type extends HistoryEvent["type"]>(
  type: Type,
  isWanted: (event: EventOf<Type>, events: Events) => boolean,
  spoil: (events: Events, event: EventOf<Type>) => Spoiled,
): Plant {
  return (history, random) => {
    const wanted = eventsOf(history.events, type).filter((event) => isWanted(event, history.events));
    const event = oneOf(wanted, random);
    return withEvents(history, event && spoil(history.events, event));
  };
}

function withEvents(history: History, events: Spoiled): History | undefined {
  return events && { ...history, events };
}

export function isAny(): boolean {
  return true;
}

export function isOf(kind: CallRecord["sent"]["kind"]): (call: CallRecord) => boolean {
  return ({ sent }) => sent.kind === kind;
}

export function isStream(call: CallRecord): boolean {
  return progressOf(call).length > 1;
}

export function isBeforeTheEnd({ session, atMs }: EventOf<"head">, events: Events): boolean {
  return !eventsOf(events, "ended").some((ended) => ended.session === session && ended.atMs <= atMs);
}

/** A message that was said by a call that is known to have succeeded. */
export function isSaid({ message: { method, params }, session }: Received): boolean {
  return method === "notifications/message" && String(params?.data).startsWith(`${session}.`);
}

export function isUpdate({ message }: Received): boolean {
  return message.method === "notifications/resources/updated";
}

/** A message that carries a mark. */
export function isOfCall({ message: { id, params } }: Received): boolean {
  return id !== undefined || params?.progressToken !== undefined || params?.data !== undefined;
}

export function responsesOf({ received }: Pick<CallRecord, "received">): readonly Received[] {
  return received.filter(({ message }) => message.method === undefined);
}

export function progressOf({ received }: CallRecord): readonly Received[] {
  return received.filter(({ message }) => message.method === "notifications/progress");
}

export function received(session: SessionRecord, atMs: number, message: WireMessage): Received {
  return { type: "received", session: session.mark, atMs, message };
}

export function oneOf<Item>(items: readonly Item[], random: SeededRandom): Item | undefined {
  return random.shuffled(items)[0];
}

export function failed(
  { conclusions: [conclusion] }: CallRecord,
  events: Events,
  error: { code: number; retryable?: boolean },
): Spoiled {
  const told = { error: { from: "rpc" as const, message: "interrupted", ...error } };
  return changed(events, conclusion, { ...told, text: undefined });
}
