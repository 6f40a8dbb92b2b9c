export { storeCases } from "./cases/all-cases.js";
export type { HarnessCapabilities, StoreHarness, StoreInstance } from "./harness.js";
export { canRun, runStoreCase } from "./run-store-case.js";
export type { StoreCase, StoreTestContext } from "./store-case.js";
export { testStore } from "./test-store.js";
