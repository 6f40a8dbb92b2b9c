import { DEFAULT_RETENTION, guardStore, type Store } from "@durable-mcp/contract";
import { MemoryBackend } from "./memory-backend.js";
import { MemoryChangeBus } from "./memory-change-bus.js";
import { MemoryEventLog } from "./memory-event-log.js";
import { MemoryNodes } from "./memory-nodes.js";
import { MemorySessionStore } from "./memory-session-store.js";
import {
  type MemoryBackendOptions,
  type MemoryStoreOptions,
  parseBackendOptions,
  parseStoreOptions,
} from "./options.js";
import { Subscriptions } from "./subscriptions.js";

/**
 * Makes the data that several memory stores of this process can share, as the nodes of a cluster share a database.
 * It outlives the stores' `close()`, not the process.
 *
 * Errors:  TypeError for an unknown or wrong option
 */
export function createMemoryBackend(options: MemoryBackendOptions = {}): MemoryBackend {
  const { retention = DEFAULT_RETENTION, now = Date.now } = parseBackendOptions(options);
  return new MemoryBackend(retention, now);
}

/**
 * Opens a store that keeps everything in this process's memory, within the bounds of its retention.
 *
 * Errors:  TypeError for an unknown or wrong option
 * Source:  G1, G2, G3, G7; G5 and G6 among the stores of one backend
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  const { backend: shared, ...own } = parseStoreOptions(options);
  const backend = shared ?? new MemoryBackend(own.retention ?? DEFAULT_RETENTION, own.now ?? Date.now);
  const subscriptions = new Subscriptions();
  return guardStore({
    capabilities: { durable: false, shared: shared !== undefined },
    log: new MemoryEventLog(backend, subscriptions),
    sessions: new MemorySessionStore(backend),
    nodes: new MemoryNodes(backend),
    changes: new MemoryChangeBus(backend, subscriptions),
    ready: async () => {},
    close: async () => subscriptions.endAll(),
  });
}
