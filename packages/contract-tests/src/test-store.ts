import { describe, it } from "vitest";
import { storeCases } from "./cases/all-cases.js";
import type { StoreHarness } from "./harness.js";
import { canRun, runStoreCase, timeoutOf } from "./run-store-case.js";

/** Opening, closing and destroying are not part of a case's own time. */
const SETUP_MS = 20_000;

/** Registers every case of the contract with vitest, for one store. Skips what the declared capabilities lack. */
export function testStore(name: string, harness: StoreHarness): void {
  describe(`store contract: ${name}`, () => {
    for (const storeCase of storeCases) {
      const register = canRun(storeCase, harness.capabilities) ? it : it.skip;
      register(storeCase.name, () => runStoreCase(storeCase, harness), timeoutOf(harness) + SETUP_MS);
    }
  });
}
