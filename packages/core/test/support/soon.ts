import { vi } from "vitest";

/** Asks again and again until nothing is thrown, within 5 s. */
export function soon(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, { interval: 2, timeout: 5_000 });
}
