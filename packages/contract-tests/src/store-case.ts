import type { Retention, Store } from "@durable-mcp/contract";
import type { HarnessCapabilities } from "./harness.js";

/** One rule of the contract, as a test on fresh data. Knows no test framework: it passes unless it throws. */
export interface StoreCase {
  /** Begins with the ids of the guarantees it stands for. */
  readonly name: string;
  /** The capability without which the case is skipped. */
  readonly needs?: keyof HarnessCapabilities;
  /** Retention of the case's data, where the default will not do. */
  readonly retention?: Partial<Retention>;
  run(t: StoreTestContext): Promise<void>;
}

/** What a case works with. */
export interface StoreTestContext {
  readonly capabilities: HarnessCapabilities;
  /** The handle opened first, or by the last `reopen`. */
  readonly store: Store;
  /** Another handle on the same data, as another node has one; `store` itself where data is not shared. */
  another(): Promise<Store>;
  /** Closes every handle and opens one again. For cases that need `durable`. */
  reopen(): Promise<Store>;
  /** Lets `ms` pass for the store. */
  advance(ms: number): Promise<void>;
  /** Most ms that the case may take. */
  readonly timeoutMs: number;
  /** Random sequences to run in a model-based case. */
  readonly sequences: number;
}
