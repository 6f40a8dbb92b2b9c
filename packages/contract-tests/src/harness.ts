import type { Retention, Store } from "@durable-mcp/contract";

/** The only two things that a store under test may lack. Cases that need them are skipped when they are false. */
export interface HarnessCapabilities {
  /** What was acknowledged is there again for the next handle after the last one was closed (G4). */
  readonly durable: boolean;
  /** Several handles may be open on the same data at once (G5). */
  readonly shared: boolean;
}

/** How the suite gets at a store. All that a contributor writes. */
export interface StoreHarness {
  readonly capabilities: HarnessCapabilities;

  /**
   * Makes fresh, empty data for one case.
   *
   * Shapes:  retention: to be given to every handle on this data; what it leaves out keeps its default
   */
  create(options: { readonly retention?: Partial<Retention> }): Promise<StoreInstance>;

  /** Most ms that one case may take. Default: 10,000. */
  readonly timeoutMs?: number;

  /** Random sequences per model-based case. Default: 100. Lower it where `advance` waits for real time. */
  readonly sequences?: number;
}

/** The data of one case. */
export interface StoreInstance {
  /** Opens a handle on the data. The suite closes it. */
  open(): Promise<Store>;

  /**
   * Lets `ms` pass for the store: moves its clock, or waits where there is none to move. Where it waits, the suite's
   * times are long enough (tenths of a second) for commands to take some ms.
   */
  advance(ms: number): Promise<void>;

  /** Removes the data. Called once, after every handle was closed. */
  destroy(): Promise<void>;
}
