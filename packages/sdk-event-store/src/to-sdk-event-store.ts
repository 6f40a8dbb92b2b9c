import { setImmediate as nextTurn } from "node:timers/promises";
import type { Store } from "@durable-mcp/contract";
import { KeptSession } from "./kept-session.js";
import type { SdkEventStore } from "./sdk-event-store.js";
import { SerialSteps } from "./serial-steps.js";
import { cursorOf, SessionEvents } from "./session-events.js";
import { parseToSdkOptions, type ToSdkEventStoreOptions } from "./to-sdk-options.js";

/** One session's event store, for the `eventStore` option of the SDK's own transports. */
export interface SessionEventStore extends Pick<SdkEventStore, "storeEvent" | "replayEventsAfter"> {
  /**
   * Whether the store has this session: events were stored under its id, and it has neither expired nor ended. Where
   * an application answers a session id that its transports don't know, this tells a session of an earlier process from
   * an invented one.
   *
   * Errors:  STORE_UNAVAILABLE (retryable)
   */
  exists(): Promise<boolean>;

  /**
   * Removes the session's data, at once and for good. Afterwards this handle stores and replays nothing more. May be
   * called again, also by another handle.
   *
   * Errors:  STORE_UNAVAILABLE (retryable): the data is then removed when it expires, if not before
   * Source:  G7
   */
  terminate(): Promise<void>;
}

/**
 * Gives a store the interface that the official SDK's transports ask for, for one session. Each session needs a handle
 * of its own, since the SDK names the GET stream of every session alike; several handles for one session, at once
 * or one after the other, see the same events.
 *
 * `storeEvent` rejects with SESSION_NOT_FOUND after `terminate`, STREAM_FINISHED, SESSION_QUOTA, STORE_UNAVAILABLE or
 * STORE_FULL; `replayEventsAfter` with INVALID_REQUEST for an event that is unknown, another session's, or followed by
 * events that are gone, and with STORE_UNAVAILABLE: it never replays a part in silence.
 *
 * Errors:  TypeError for no store, or an unknown or wrong option
 * Source:  G1, G2, G3, G7; `EventStore` of @modelcontextprotocol/sdk 1.x and @modelcontextprotocol/server 2.x
 */
export function toSdkEventStore(store: Store, options: ToSdkEventStoreOptions): SessionEventStore {
  const session = new KeptSession(store, parseToSdkOptions(store, options));
  const events = new SessionEvents(store, session);
  const steps = new SerialSteps();
  // The SDK's optional `getStreamIdForEventId` is left out on purpose: its transports use it only to refuse a resume
  // with 409 while they take the old connection for alive, which a broken network makes them do for minutes.
  return {
    storeEvent: (streamId, message) => steps.run(streamId, () => events.append(streamId, message)),
    replayEventsAfter: async (lastEventId, { send }) => {
      const cursor = cursorOf(lastEventId);
      const replayed = steps.run(cursor.streamId, () => events.replayAfter(cursor, send));
      // Until then the transport has put the resumed connection in its place. What is stored only now is written to
      // it, by the transport; before, it would have been written to nobody.
      void steps.run(cursor.streamId, () => nextTurn());
      await replayed;
      return cursor.streamId;
    },
    exists: async () => (await session.find()) !== undefined,
    terminate: () => session.terminate(),
  };
}
