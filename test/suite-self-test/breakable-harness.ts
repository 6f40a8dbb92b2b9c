import type { SessionRecord, Store } from "@durable-mcp/contract";
import { canRun, runStoreCase, type StoreHarness, storeCases } from "@durable-mcp/contract-tests";
import { createMemoryBackend, createMemoryStore } from "@durable-mcp/store-memory";

/** What the broken handles on one case's data know in common. */
interface World {
  /** How often every handle was closed and one opened again. */
  restarts: number;
  /** Records as they were created, the ended ones too. */
  readonly created: Map<string, SessionRecord>;
  /** For whatever else a fault must remember. */
  readonly notes: Map<string, unknown>;
}

/** Puts a fault around a store that has none. */
export type Fault = (store: Store, world: World) => Store;

/** Runs every case of the suite on a store with that fault. Returns: the failures by the names of their cases */
export async function failuresWith(fault: Fault): Promise<Map<string, unknown>> {
  const harness = breakableHarness(fault);
  const failures = new Map<string, unknown>();
  const runs = storeCases.map(async (storeCase) => {
    if (!canRun(storeCase, harness.capabilities)) throw new Error(`${storeCase.name} was skipped`);
    try {
      await runStoreCase(storeCase, harness);
    } catch (error) {
      failures.set(storeCase.name, error);
    }
  });
  await Promise.all(runs);
  return failures;
}

function breakableHarness(fault: Fault): StoreHarness {
  return {
    capabilities: { durable: true, shared: true },
    sequences: 40,
    create: async (options) => {
      let nowMs = Date.now();
      let handles = 0;
      const backend = createMemoryBackend({ ...options, now: () => nowMs });
      const world: World = { restarts: -1, created: new Map(), notes: new Map() };
      return {
        open: async () => {
          if (handles === 0) world.restarts += 1;
          handles += 1;
          const intact = createMemoryStore({ backend });
          return fault(
            noting(intact, world, () => (handles -= 1)),
            world,
          );
        },
        advance: async (ms) => {
          nowMs += ms;
        },
        destroy: async () => {},
      };
    },
  };
}

function noting(store: Store, world: World, onClose: () => void): Store {
  let isClosed = false;
  return {
    ...store,
    sessions: {
      ...store.sessions,
      create: async (session, options) => {
        const result = await store.sessions.create(session, options);
        if (result.outcome === "ok") world.created.set(session.id, result.record);
        return result;
      },
    },
    close: async () => {
      if (!isClosed) onClose();
      isClosed = true;
      await store.close();
    },
  };
}
