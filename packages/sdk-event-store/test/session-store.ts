import type { SessionEventStore } from "../src/index.js";

/** The name that both SDKs give to the GET stream of every session. */
export const GET_STREAM = "_GET_stream";

export interface Replayed {
  /** What `replayEventsAfter` has returned. */
  readonly streamId: string;
  readonly ids: readonly string[];
  readonly messages: readonly unknown[];
}

/** Replays as a transport does. */
export async function replay(events: SessionEventStore, lastEventId: string): Promise<Replayed> {
  const ids: string[] = [];
  const messages: unknown[] = [];
  const streamId = await events.replayEventsAfter(lastEventId, {
    send: async (id, message) => {
      ids.push(id);
      messages.push(message);
    },
  });
  return { streamId, ids, messages };
}

export function notification(n: number) {
  return { jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: n } };
}

/** Notifications numbered from `first` to `last`, both included. */
export function notifications(first: number, last: number) {
  return Array.from({ length: last - first + 1 }, (_, index) => notification(first + index));
}

export function response(id: number) {
  return { jsonrpc: "2.0", id, result: { content: [] } };
}

/** Stores messages one after the other. Returns: their event ids */
export async function storeAll(events: SessionEventStore, streamId: string, messages: readonly unknown[]) {
  const ids: string[] = [];
  for (const message of messages) ids.push(await events.storeEvent(streamId, message));
  return ids;
}

/** What every event id is answered with from which nothing can be replayed. */
export const NOT_REPLAYABLE = {
  name: "DurableMcpError",
  code: "INVALID_REQUEST",
  message:
    "Nothing can be replayed: the session has no event of that id, or what followed it is no longer kept.",
};
