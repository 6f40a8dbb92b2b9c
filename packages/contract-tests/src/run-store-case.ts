import type { Store } from "@durable-mcp/contract";
import type { HarnessCapabilities, StoreHarness, StoreInstance } from "./harness.js";
import type { StoreCase, StoreTestContext } from "./store-case.js";
import { within } from "./within.js";

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_SEQUENCES = 100;

/** Most ms that a case may take with this harness. */
export function timeoutOf(harness: StoreHarness): number {
  return harness.timeoutMs ?? DEFAULT_TIMEOUT_MS;
}

/** Whether the harness declares what the case needs. */
export function canRun(storeCase: StoreCase, capabilities: HarnessCapabilities): boolean {
  return storeCase.needs === undefined || capabilities[storeCase.needs];
}

/**
 * Runs one case on fresh data, and cleans up whatever comes of it.
 *
 * Returns: resolves if the store passes; rejects with what it did wrong
 */
export async function runStoreCase(storeCase: StoreCase, harness: StoreHarness): Promise<void> {
  const instance = await harness.create(storeCase.retention ? { retention: storeCase.retention } : {});
  const handles = new Set<Store>();
  try {
    const context = await openContext(harness, instance, handles);
    await within(timeoutOf(harness), storeCase.run(context));
  } finally {
    await closeAll(handles);
    await instance.destroy();
  }
}

async function openContext(
  harness: StoreHarness,
  instance: StoreInstance,
  handles: Set<Store>,
): Promise<StoreTestContext> {
  const { capabilities } = harness;
  const open = async () => {
    const store = await instance.open();
    handles.add(store);
    return store;
  };
  let current = await open();
  return {
    capabilities,
    get store() {
      return current;
    },
    another: async () => (capabilities.shared ? open() : current),
    reopen: async () => {
      await closeAll(handles);
      current = await open();
      return current;
    },
    advance: (ms) => instance.advance(ms),
    timeoutMs: timeoutOf(harness),
    sequences: harness.sequences ?? DEFAULT_SEQUENCES,
  };
}

async function closeAll(handles: Set<Store>): Promise<void> {
  const open = [...handles];
  handles.clear();
  await Promise.all(open.map((store) => store.close()));
}
