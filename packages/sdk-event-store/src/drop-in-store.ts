import type { Store } from "@durable-mcp/contract";
import { createMemoryStore } from "@durable-mcp/store-memory";
import { fromSdkEventStore, isSdkEventStore } from "./from-sdk-event-store.js";
import type { SdkEventStore } from "./sdk-event-store.js";

/** Where a drop-in transport keeps its session. */
export interface DropInStore {
  readonly store: Store;
  /** Whether clients may resume streams. */
  readonly resumable: boolean;
}

/** Where transports without an event store keep what is on its way to a client. */
let unstored: Store | undefined;

const wrapped = new WeakMap<SdkEventStore, Store>();

/**
 * Where a drop-in transport keeps its session: in one of our stores, in the SDK's kind of event store, or, as under the
 * SDK's transport without an event store, nowhere that a client could come back for.
 *
 * Errors:  TypeError that says what was expected, and names the class that was given something else
 */
export function dropInStore(className: string, eventStore: Store | SdkEventStore | undefined): DropInStore {
  if (eventStore === undefined) {
    unstored ??= createMemoryStore();
    return { store: unstored, resumable: false };
  }
  if (isStore(eventStore)) return { store: eventStore, resumable: true };
  if (!isSdkEventStore(eventStore)) {
    throw new TypeError(
      `${className}: options.eventStore: expected a store, or { storeEvent, replayEventsAfter }`,
    );
  }
  const store = wrapped.get(eventStore) ?? fromSdkEventStore(eventStore);
  wrapped.set(eventStore, store);
  return { store, resumable: true };
}

function isStore(eventStore: Store | SdkEventStore): eventStore is Store {
  return ["log", "sessions", "capabilities"].every((part) => part in Object(eventStore));
}
