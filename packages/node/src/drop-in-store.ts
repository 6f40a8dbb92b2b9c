import type { Store } from "@durable-mcp/contract";
import type { DropInStore } from "@durable-mcp/core";
import { fromSdkEventStore, isSdkEventStore, type SdkEventStore } from "@durable-mcp/sdk-event-store";
import { createMemoryStore } from "@durable-mcp/store-memory";

/** Where transports without an event store keep what is on its way to a client. */
let unstored: Store | undefined;

const wrapped = new WeakMap<SdkEventStore, Store>();

/**
 * Where a drop-in transport keeps its session: in one of our stores, in the SDK's kind of event store, or, as under the
 * SDK's transport without an event store, nowhere that a client could come back for.
 */
export function dropInStore(eventStore: Store | SdkEventStore | undefined): DropInStore {
  if (eventStore === undefined) {
    unstored ??= createMemoryStore();
    return { store: unstored, resumable: false };
  }
  if (isStore(eventStore)) return { store: eventStore, resumable: true };
  if (!isSdkEventStore(eventStore)) {
    throw new TypeError(
      "StreamableHTTPServerTransport: options.eventStore: expected a store, or { storeEvent, replayEventsAfter }",
    );
  }
  const store = wrapped.get(eventStore) ?? fromSdkEventStore(eventStore);
  wrapped.set(eventStore, store);
  return { store, resumable: true };
}

function isStore(eventStore: Store | SdkEventStore): eventStore is Store {
  return ["log", "sessions", "capabilities"].every((part) => part in Object(eventStore));
}
