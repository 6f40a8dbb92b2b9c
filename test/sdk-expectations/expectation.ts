import type { SdkName } from "../support/sdk-table.js";
import type { SdkUnderTest } from "./sdk-under-test.js";

/** One thing that the SDKs expect of a transport, or do with it: what is observed, and what must come out for each. */
export interface Expectation extends Readonly<Record<SdkName, unknown>> {
  readonly what: string;
  observe(sdk: SdkUnderTest): Promise<unknown>;
}

/** The same for both SDKs. */
export function both(value: unknown): Readonly<Record<SdkName, unknown>> {
  return { v1: value, v2: value };
}

/** What a promise came to: its value, or the code (else the message) of its error. */
export function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => value ?? "resolved",
    (error: unknown) => codeOf(error),
  );
}

export function codeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return "code" in error ? error.code : error.message;
}
