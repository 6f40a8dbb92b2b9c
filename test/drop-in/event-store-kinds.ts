import { fromSdkEventStore } from "@durable-mcp/sdk-event-store";
import { InMemoryEventStore } from "@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js";
import type { EventStore } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { EMBEDDED_STORES } from "../support/stores.js";

/** An event store as an application would give it to the class, and the way to be rid of it. */
export interface OpenedEventStore {
  readonly eventStore: EventStore;
  dispose(): Promise<void>;
}

/** What an application may give as `eventStore`. */
export const EVENT_STORES: readonly { readonly name: string; open(): OpenedEventStore }[] = [
  {
    name: "the SDK's example store",
    open: () => ({ eventStore: new InMemoryEventStore(), dispose: async () => {} }),
  },
  {
    name: "fromSdkEventStore over it",
    open: () => {
      const store = fromSdkEventStore(new InMemoryEventStore());
      return { eventStore: store as unknown as EventStore, dispose: () => store.close() };
    },
  },
  ...EMBEDDED_STORES.map(({ name, open }) => ({
    name: `our ${name} store`,
    open: () => {
      const { store, dispose } = open();
      // The tables are typed by the SDK's class, which takes its own kind of store only.
      return { eventStore: store as unknown as EventStore, dispose };
    },
  })),
];
