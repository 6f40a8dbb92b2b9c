import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createFolder } from "./support/gateway-process.js";
import { allGone, pidsIn } from "./support/processes.js";
import { openSession, PROBE, probe, textOf } from "./support/session.js";
import { waitFor } from "./support/wait-for.js";

const call = (name: string, args: Record<string, unknown> = {}) => ({ name, arguments: args });

afterEach(() => {
  vi.useRealTimers();
});

describe("one upstream failing disturbs no other", () => {
  test.each([
    ["exits at once", { ...probe("bad", { PROBE: "exits" }) }, "exited with code 7"],
    ["is no command", { ...probe("bad"), command: "no-such" }, "could not be started: command not found"],
    ["may not run", { ...probe("bad"), command: PROBE }, "could not be started: command not executable"],
    ["is killed", { ...probe("bad"), command: "sh", args: ["-c", "kill -9 $$"] }, "was ended by SIGKILL"],
    ["has no folder", { ...probe("bad"), cwd: "/no/such/folder" }, "could not be started in /no/such/folder"],
  ])("one that %s", async (_what, bad, cause) => {
    const { client, logged } = await openSession([bad, probe("good")]);
    const { tools } = await client.listTools();
    expect(tools).toHaveLength(18);
    expect(textOf(await client.callTool(call("good_log")))).toBe("logged");
    const error = await client.callTool(call("bad_log")).catch((e) => e);
    expect(error.code).toBe(-31020);
    expect(error.message).toContain(`App "bad" is not available: ${cause}`);
    expect(error.data).toMatchObject({ reason: "UPSTREAM_UNAVAILABLE", retryable: true, app: "bad" });
    await client.listTools();
    expect(logged.filter(({ level }) => level === "warn")).toEqual([
      expect.objectContaining({
        event: "upstream cannot be reached",
        app: "bad",
        cause: expect.stringContaining(cause),
      }),
    ]);
    expect(logged.filter(({ event }) => event === "upstream said")).toEqual([]);
  });

  test("one that hangs: the first list waits for it only so long, the others not at all, until it is up", async () => {
    const gate = join(createFolder(), "gate");
    const bad = probe("bad", { PROBE: "hangs", PROBE_GATE: gate });
    const { client, heard, logged } = await openSession([bad, probe("good")]);
    await client.callTool(call("good_log"));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const list = client.listTools();
    // The client's own, and the list's for the bad one; those for the good one come and go.
    await waitFor("the good one", () => vi.getTimerCount() === 2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await list).tools).toHaveLength(18);
    // Nothing moves the clock any more.
    expect((await client.listTools()).tools).toHaveLength(18);
    expect((await client.listPrompts()).prompts).toHaveLength(1);
    const cause = "not connected yet";
    expect(logged.filter(({ level }) => level === "warn")).toEqual([
      expect.objectContaining({
        event: "list served without upstream",
        app: "bad",
        list: "tools/list",
        cause,
      }),
    ]);
    writeFileSync(gate, "");
    for (const list of ["tools", "prompts"]) {
      const changed = `notifications/${list}/list_changed`;
      await waitFor(changed, () => heard.some(({ method }) => method === changed));
    }
    expect((await client.listTools()).tools).toHaveLength(36);
    expect((await client.listPrompts()).prompts).toHaveLength(2);
  });

  test("one that dies during a call: the call fails at once, the next one finds it running again", async () => {
    const { client, logged } = await openSession([probe("bad"), probe("good")]);
    await client.subscribeResource({ uri: "bad+probe://state" });
    await client.setLoggingLevel("error");
    const waiting = client.callTool(call("bad_wait")).catch((e) => e);
    const dying = client.callTool(call("bad_die", { code: 5 })).catch((e) => e);
    for (const error of await Promise.all([waiting, dying])) {
      expect(error.message).toContain('App "bad" ended during the call: exited with code 5');
      expect(error).toMatchObject({ code: -31020, data: { reason: "UPSTREAM_ENDED", retryable: true } });
    }
    expect(textOf(await client.callTool(call("bad_log")))).toBe("logged");
    const { contents } = await client.readResource({ uri: "bad+probe://state" });
    const state = JSON.parse(textOf({ content: contents }));
    expect(state).toMatchObject({ subscriptions: ["probe://state"], logLevel: "error" });
    expect(logged.filter(({ event }) => event === "upstream was lost")).toHaveLength(1);
  });

  test("what may have been missed meanwhile is announced", async () => {
    const { client, heard } = await openSession([probe("bad")]);
    await client.subscribeResource({ uri: "bad+probe://state" });
    await client.callTool(call("bad_die")).catch(() => {});
    await client.callTool(call("bad_log"));
    await waitFor("the update", () => heard.find(({ params }) => params?.uri === "bad+probe://state"));
  });

  test("it is tried again at growing intervals, and announced when it is back", async () => {
    const gate = join(createFolder(), "gate");
    const { client, heard, logged } = await openSession([probe("bad", { PROBE_GATE: gate })]);
    // Timers, too: what tries again by itself must not come in between.
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
    expect((await client.listTools()).tools).toEqual([]);
    for (const [afterMs, retryAfterMs] of [
      [0, 1_000],
      [1_000, 2_000],
      [2_000, 4_000],
    ] as const) {
      vi.setSystemTime(Date.now() + afterMs);
      if (afterMs > 0) {
        await expect(client.callTool(call("bad_log"))).rejects.toThrow("exited with code 9");
      }
      const error = await client.callTool(call("bad_log")).catch((e) => e);
      expect(error.data.retryAfterMs).toBeGreaterThan(retryAfterMs - 1_000);
      expect(error.data.retryAfterMs).toBeLessThanOrEqual(retryAfterMs);
    }
    writeFileSync(gate, "");
    vi.setSystemTime(Date.now() + 4_000);
    expect(textOf(await client.callTool(call("bad_log")))).toBe("logged");
    await waitFor("the announcement", () =>
      heard.some(({ method }) => method.endsWith("tools/list_changed")),
    );
    expect((await client.listTools()).tools).toHaveLength(18);
    expect(logged.filter(({ event }) => event === "upstream cannot be reached")).toHaveLength(1);
    expect(logged.filter(({ event }) => event === "upstream is back")).toHaveLength(1);
  });

  test("one that a list was served without is tried again by itself, and announced", async () => {
    const folder = createFolder();
    const [gate, pids] = [join(folder, "gate"), join(folder, "pids")];
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
    const { client, heard } = await openSession([probe("bad", { PROBE_GATE: gate, PROBE_PIDS: pids })]);
    expect((await client.listTools()).tools).toEqual([]);
    for (const [attempts, intervalMs] of [
      [1, 1_000],
      [2, 2_000],
      [3, 4_000],
    ] as const) {
      // Waits for the attempt under way to fail; none is made for it.
      await expect(client.callTool(call("bad_log"))).rejects.toThrow("exited with code 9");
      await vi.advanceTimersByTimeAsync(intervalMs - 1);
      expect(pidsIn(pids)).toHaveLength(attempts);
      if (attempts === 3) writeFileSync(gate, "");
      await vi.advanceTimersByTimeAsync(1);
    }
    await waitFor("the announcement", () =>
      heard.some(({ method }) => method.endsWith("tools/list_changed")),
    );
    expect((await client.listTools()).tools).toHaveLength(18);
  });

  test("one with subscriptions is connected again by itself, told them, and the updates announced", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
    const { client, heard } = await openSession([probe("bad")]);
    await client.subscribeResource({ uri: "bad+probe://state" });
    await client.callTool(call("bad_die")).catch(() => {});
    const updates = () => heard.filter(({ method }) => method === "notifications/resources/updated");
    expect(updates()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    await waitFor("the update", () => updates().length === 1);
    expect(updates()[0]?.params).toEqual({ uri: "bad+probe://state" });
    await client.callTool(call("bad_touch"));
    expect(updates()).toHaveLength(2);
  });

  test("one that nobody waits for is left alone, and so is one whose session has ended", async () => {
    const pids = join(createFolder(), "pids");
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
    const { client, sessions } = await openSession([probe("bad", { PROBE_PIDS: pids })]);
    await client.callTool(call("bad_die")).catch(() => {});
    await vi.advanceTimersByTimeAsync(120_000);
    expect(pidsIn(pids)).toHaveLength(1);
    await client.subscribeResource({ uri: "bad+probe://state" });
    await client.callTool(call("bad_die")).catch(() => {});
    expect(vi.getTimerCount()).toBe(1);
    await sessions.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a call that stays silent too long is cancelled and fails; progress keeps it alive", async () => {
    const { client } = await openSession([probe("slow", {}, 400)]);
    await client.listTools();
    const error = await client.callTool(call("slow_wait")).catch((e) => e);
    expect(error.message).toContain('App "slow" did not answer within 400 ms');
    expect(error.data).toMatchObject({ reason: "UPSTREAM_TIMEOUT", retryable: true });
    const steps = { steps: 8, stepMs: 100 };
    const done = await client.callTool(call("slow_slow", steps), undefined, { onprogress: () => {} });
    expect(textOf(done)).toBe("8 steps");
    const { contents } = await client.readResource({ uri: "slow+probe://state" });
    expect(textOf({ content: contents })).toContain('"cancelled":["no answer in time"]');
  });

  test("a restored session takes its subscriptions back without waiting for the upstream", async () => {
    const gate = join(createFolder(), "gate");
    const { client } = await openSession([probe("late", { PROBE_GATE: gate })], { restored: true });
    expect(await client.subscribeResource({ uri: "late+probe://state" })).toEqual({});
    await waitFor("the first attempt to fail", () =>
      client.callTool(call("late_log")).then(
        () => false,
        () => true,
      ),
    );
    writeFileSync(gate, "");
    const state = await waitFor("the upstream", () =>
      client.readResource({ uri: "late+probe://state" }).catch(() => undefined),
    );
    expect(textOf({ content: state.contents })).toContain('"subscriptions":["probe://state"]');
  });

  test("nothing is left of an upstream that failed or of a session that ended while connecting", async () => {
    const pids = join(createFolder(), "pids");
    const { sessions } = await openSession([probe("bad", { PROBE: "hangs", PROBE_PIDS: pids })]);
    await waitFor("the process", () => pidsIn(pids).length > 0);
    await sessions.close();
    await allGone(pidsIn(pids), 100);
  });
});
