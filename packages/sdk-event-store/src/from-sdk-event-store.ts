import { guardStore, type Store } from "@durable-mcp/contract";
import { createMemoryStore } from "@durable-mcp/store-memory";
import { SdkEventLog } from "./sdk-event-log.js";
import type { SdkEventStore } from "./sdk-event-store.js";

/**
 * Lets an event store that was written for the official SDK's transport keep the messages of a Durable MCP transport.
 * The SDK's interface has no sessions, no offsets and no end of a stream: those are kept in this process's memory, so
 * sessions do not outlive it, and a resume asks the event store for everything after a position.
 *
 * Errors:  TypeError if it is no such event store
 * Source:  G1, G3; G2, G4, G5 and G6 do not apply
 */
export function fromSdkEventStore(eventStore: SdkEventStore): Store {
  if (!isSdkEventStore(eventStore)) {
    throw new TypeError("fromSdkEventStore: expected { storeEvent, replayEventsAfter }");
  }
  const memory = createMemoryStore();
  return guardStore({ ...memory, log: new SdkEventLog(eventStore, memory.log) });
}

/** Whether a value has the shape of an event store of the SDK's. */
export function isSdkEventStore(value: unknown): value is SdkEventStore {
  const methods = ["storeEvent", "replayEventsAfter"] as const;
  return (
    typeof value === "object" &&
    value !== null &&
    methods.every((method) => typeof (value as Partial<SdkEventStore>)[method] === "function")
  );
}
