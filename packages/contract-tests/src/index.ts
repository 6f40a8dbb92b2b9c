export type { BindingCase, BindingTestContext } from "./bindings/binding-case.js";
export type {
  BindingHarness,
  BodySetting,
  ServedContext,
  ServedEndpoint,
  ServedOptions,
  ServedStats,
  Surroundings,
} from "./bindings/binding-harness.js";
export { bindingCases } from "./bindings/cases/all-binding-cases.js";
export { canRunBindingCase, runBindingCase } from "./bindings/run-binding-case.js";
export type {
  CreateServerObject,
  OnToolCall,
  ServerLike,
  ServerObject,
  ToolCall,
} from "./bindings/server-object.js";
export { testBinding } from "./bindings/test-binding.js";
export { storeCases } from "./cases/all-cases.js";
export type { HarnessCapabilities, StoreHarness, StoreInstance } from "./harness.js";
export { canRun, runStoreCase } from "./run-store-case.js";
export type { StoreCase, StoreTestContext } from "./store-case.js";
export { testStore } from "./test-store.js";
