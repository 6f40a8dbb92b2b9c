import { type HarnessCapabilities, type StoreHarness, testStore } from "@durable-mcp/contract-tests";
import { createMemoryBackend, createMemoryStore, type MemoryStoreOptions } from "../src/index.js";

/** A harness with a clock that moves only when told to. */
function harnessOf(
  capabilities: HarnessCapabilities,
  optionsOf: (options: MemoryStoreOptions) => MemoryStoreOptions,
): StoreHarness {
  return {
    capabilities,
    create: async (wanted) => {
      let nowMs = Date.now();
      const options = optionsOf({ ...wanted, now: () => nowMs });
      return {
        open: async () => createMemoryStore(options),
        advance: async (ms) => {
          nowMs += ms;
        },
        destroy: async () => {},
      };
    },
  };
}

// A backend outlives the stores that were opened on it, which is all that the suite's `durable` asks for.
testStore(
  "memory, stores on one backend",
  harnessOf({ durable: true, shared: true }, (options) => ({ backend: createMemoryBackend(options) })),
);
testStore(
  "memory, a store on its own",
  harnessOf({ durable: false, shared: false }, (options) => options),
);
