import type { WireMessage } from "../support/recorded-stream.js";
import { grouped } from "./grouped.js";
import type { EventOf, FaultKind, HistoryEvent } from "./history.js";

/** One call, with everything that the history says of it. */
export interface CallRecord {
  readonly sent: EventOf<"sent">;
  /** Messages that belong to it, in the order in which they came. */
  readonly received: readonly EventOf<"received">[];
  readonly conclusions: readonly EventOf<"concluded">[];
  readonly connections: readonly ConnectionRecord[];
}

/** One HTTP request and its answer. */
export interface ConnectionRecord {
  readonly request: EventOf<"request">;
  readonly head: EventOf<"head"> | undefined;
  readonly closed: EventOf<"closed"> | undefined;
}

/** One session, with everything that the history says of it. */
export interface SessionRecord {
  readonly mark: string;
  readonly calls: readonly CallRecord[];
  readonly connections: readonly ConnectionRecord[];
  /** Messages that belong to no call that the client has made, in the order in which they came. */
  readonly others: readonly EventOf<"received">[];
  readonly endedAtMs: number;
}

/** One fault: its beginning, when the node was gone, and when all was there again. */
export interface FaultRecord {
  readonly number: number;
  readonly kind: FaultKind;
  readonly node: string | undefined;
  readonly fromMs: number;
  readonly goneMs: number;
  readonly overMs: number;
}

/** The call that a message says it belongs to. */
export function callOf({ id, method, params }: WireMessage): string | undefined {
  if (method === undefined) return String(id);
  if (method === "notifications/progress") return String(params?.progressToken);
  if (method === "elicitation/create") return String(params?.message);
  return undefined;
}

/** Sorts a history by session and call. */
export function sessionRecords(events: readonly HistoryEvent[]): readonly SessionRecord[] {
  const sessions = new Map<string, HistoryEvent[]>();
  for (const event of events) {
    if (!("session" in event)) continue;
    const own = sessions.get(event.session) ?? [];
    sessions.set(event.session, own);
    own.push(event);
  }
  return [...sessions].map(([mark, own]) => sessionRecord(mark, own));
}

function sessionRecord(mark: string, events: readonly HistoryEvent[]): SessionRecord {
  const connections = connectionRecords(events);
  const received = grouped(eventsOf(events, "received"), ({ message }) => callOf(message));
  const conclusions = grouped(eventsOf(events, "concluded"), ({ call }) => call);
  const byCall = grouped(connections, ({ request }) => request.call);
  const calls = eventsOf(events, "sent").map(
    (sent): CallRecord => ({
      sent,
      received: received.get(sent.call) ?? [],
      conclusions: conclusions.get(sent.call) ?? [],
      connections: byCall.get(sent.call) ?? [],
    }),
  );
  const known = new Set(calls.map(({ sent }) => sent.call));
  const others = eventsOf(events, "received").filter(({ message }) => !known.has(callOf(message) ?? ""));
  const endedAtMs = eventsOf(events, "ended")[0]?.atMs ?? Number.POSITIVE_INFINITY;
  return { mark, calls, connections, others, endedAtMs };
}

function connectionRecords(events: readonly HistoryEvent[]): readonly ConnectionRecord[] {
  const heads = new Map(eventsOf(events, "head").map((head) => [head.request, head]));
  const ends = new Map(eventsOf(events, "closed").map((closed) => [closed.request, closed]));
  return eventsOf(events, "request").map((request) => ({
    request,
    head: heads.get(request.request),
    closed: ends.get(request.request),
  }));
}

/** The faults, in order. One that never was over lasts for ever. */
export function faultRecords(events: readonly HistoryEvent[]): readonly FaultRecord[] {
  return eventsOf(events, "fault").map(({ number, kind, node, atMs }) => {
    const timeOf = (type: "gone" | "over") =>
      eventsOf(events, type).find((event) => event.number === number)?.atMs ?? Number.POSITIVE_INFINITY;
    return { number, kind, node, fromMs: atMs, goneMs: timeOf("gone"), overMs: timeOf("over") };
  });
}

export function eventsOf<Type extends HistoryEvent["type"]>(
  events: readonly HistoryEvent[],
  type: Type,
): readonly EventOf<Type>[] {
  return events.filter((event): event is EventOf<Type> => event.type === type);
}
