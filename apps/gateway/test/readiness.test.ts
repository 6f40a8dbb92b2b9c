import { afterEach, expect, test, vi } from "vitest";
import { createLog } from "../src/log.js";
import { createReadiness } from "../src/readiness.js";

afterEach(() => {
  vi.useRealTimers();
});

test("each change of the readiness is logged once, with its cause", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const logged: { level: string; event: string; cause?: string }[] = [];
  const log = createLog((line) => logged.push(JSON.parse(line)));
  let answer = async () => {};
  const isReady = createReadiness(() => answer(), log);
  const ask = async (next: () => Promise<void>) => {
    answer = next;
    const ready = isReady();
    await vi.advanceTimersByTimeAsync(2_000);
    return ready;
  };
  const fail = async () => {
    throw new Error("disk full");
  };
  expect(await ask(async () => {})).toBe(true);
  expect(await ask(fail)).toBe(false);
  expect(await ask(fail)).toBe(false);
  expect(await ask(async () => {})).toBe(true);
  expect(await ask(() => new Promise(() => {}))).toBe(false);
  expect(logged).toMatchObject([
    { level: "warn", event: "not ready", cause: "disk full" },
    { level: "info", event: "ready" },
    { level: "warn", event: "not ready", cause: "no answer within 2000 ms" },
  ]);
});
