import type { ChangeBus } from "./change-bus.js";
import type { EventLog } from "./event-log.js";
import type { Nodes } from "./nodes.js";
import type { SessionStore } from "./session-store.js";

/** What a store may lack. Order, atomicity, isolation and gaps are nobody's option. */
export interface StoreCapabilities {
  /** What was acknowledged survives the end of the process (G4). */
  readonly durable: boolean;
  /** Several processes may use the same data at once (G5). */
  readonly shared: boolean;
}

/** Everything a Durable MCP endpoint keeps. Wrap an implementation with `guardStore` before handing it out. */
export interface Store {
  readonly log: EventLog;
  readonly sessions: SessionStore;
  readonly nodes: Nodes;
  readonly changes: ChangeBus;
  readonly capabilities: StoreCapabilities;

  /**
   * Resolves if the store can serve now.
   *
   * Errors:  STORE_UNAVAILABLE, STORE_FULL (retryable), or the reason why it must not be used
   * Source:  G8
   */
  ready(): Promise<void>;

  /** Releases what the store holds. Afterwards every method rejects with STORE_CLOSED; closing again does nothing. */
  close(): Promise<void>;
}
