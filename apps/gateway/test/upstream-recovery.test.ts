import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { UpstreamRecovery } from "../src/upstream-recovery.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** How long it takes until it is tried again, in ms; -1 = never. */
async function retriedAfter(recovery: UpstreamRecovery, retry: () => unknown): Promise<number> {
  const [retries, begunMs] = [vi.mocked(retry).mock.calls.length, Date.now()];
  recovery.schedule();
  await vi.advanceTimersToNextTimerAsync();
  return vi.mocked(retry).mock.calls.length > retries ? Date.now() - begunMs : -1;
}

describe("an upstream's recovery", () => {
  test("after failures: for uses and by itself in intervals from 1 s, doubled up to 60 s", async () => {
    const retry = vi.fn();
    const recovery = new UpstreamRecovery(retry);
    for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
      recovery.failed(`after ${seconds}`);
      expect(recovery.retryAfterMs).toBe(seconds * 1_000);
      expect(recovery.lastCause).toBe(`after ${seconds}`);
      expect(await retriedAfter(recovery, retry)).toBe(seconds * 1_000);
      expect(recovery.retryAfterMs).toBe(0);
    }
    recovery.connected();
    expect(recovery.failures).toBe(0);
  });

  test("after losses: for uses at once, by itself later each time until a connection lasts", async () => {
    const retry = vi.fn();
    const recovery = new UpstreamRecovery(retry);
    for (const [lastedMs, seconds] of [
      [0, 1],
      [59_999, 2],
      [0, 4],
      [60_000, 1],
      [0, 2],
    ] as const) {
      recovery.connected();
      vi.advanceTimersByTime(lastedMs);
      recovery.lost();
      expect(recovery.retryAfterMs).toBe(0);
      expect(await retriedAfter(recovery, retry)).toBe(seconds * 1_000);
    }
  });

  test("has one timer at most, which does not keep the process alive, and none when connected or stopped", () => {
    const retry = vi.fn();
    const recovery = new UpstreamRecovery(retry);
    recovery.failed("cause");
    recovery.schedule();
    vi.advanceTimersByTime(600);
    recovery.schedule();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(400);
    expect(retry).toHaveBeenCalledOnce();
    for (const end of [() => recovery.stop(), () => recovery.connected()]) {
      recovery.failed("cause");
      recovery.schedule();
      end();
      expect(vi.getTimerCount()).toBe(0);
    }
    const set = vi.spyOn(globalThis, "setTimeout");
    recovery.schedule();
    const timer: unknown = set.mock.results[0]?.value;
    expect((timer as NodeJS.Timeout).hasRef()).toBe(false);
  });
});
