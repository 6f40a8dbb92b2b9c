import { describe, it } from "vitest";
import type { BindingHarness } from "./binding-harness.js";
import { bindingCases } from "./cases/all-binding-cases.js";
import { bindingTimeoutOf, canRunBindingCase, runBindingCase } from "./run-binding-case.js";

/** Opening a store and closing servers are not part of a case's own time. */
const SETUP_MS = 20_000;

/** Registers every case of the binding suite with vitest, for one binding. Skips what the harness does not declare. */
export function testBinding(name: string, harness: BindingHarness): void {
  describe(`binding: ${name}`, () => {
    for (const bindingCase of bindingCases) {
      const register = canRunBindingCase(bindingCase, harness) ? it : it.skip;
      register(
        bindingCase.name,
        () => runBindingCase(bindingCase, harness),
        bindingTimeoutOf(harness) + SETUP_MS,
      );
    }
  });
}
