import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { connect, createFolder, everything, probe, startGateway } from "./support/gateway-process.js";
import { allGone, isRunning, pidsIn } from "./support/processes.js";
import { textOf } from "./support/session.js";
import { waitFor } from "./support/wait-for.js";

/** A session whose upstreams run: one that behaves, one that ends only when killed, and that one's child. */
async function openSession() {
  const folder = createFolder();
  const pidFile = join(folder, "pids");
  const gateway = startGateway(
    {
      everything,
      good: probe({ PROBE_PIDS: pidFile }),
      stubborn: probe({ PROBE: "stubborn", PROBE_PIDS: pidFile }),
    },
    { folder },
  );
  const session = await connect(await gateway.url());
  await session.client.callTool({ name: "everything_toggle-simulated-logging", arguments: {} });
  await session.client.callTool({ name: "stubborn_spawn", arguments: {} });
  const pids = await waitFor("the upstreams", () => pidsIn(pidFile).length === 3 && pidsIn(pidFile));
  expect(pids.every(isRunning)).toBe(true);
  return { gateway, pids, ...session };
}

describe("upstream processes, stubborn ones and their children included", () => {
  test("end with their session", async () => {
    const { transport, pids } = await openSession();
    await transport.terminateSession();
    await allGone(pids);
  });

  test("end at SIGTERM, and the gateway exits with code 0 by its deadline", async () => {
    const { gateway, pids } = await openSession();
    const started = Date.now();
    expect(await gateway.kill("SIGTERM")).toBe(0);
    expect(Date.now() - started).toBeLessThan(10_000);
    await allGone(pids, 1_000);
  });

  test("end at SIGINT likewise", async () => {
    const gateway = startGateway({ good: probe() });
    await gateway.url();
    expect(await gateway.kill("SIGINT")).toBe(0);
  });

  test("end after kill -9 of the gateway (G4)", async () => {
    const { gateway, pids } = await openSession();
    expect(await gateway.kill("SIGKILL")).toBe("SIGKILL");
    await allGone(pids, 5_000);
  });

  test("end after a second signal, which the gateway does not outlive", async () => {
    const { gateway, pids } = await openSession();
    gateway.child.kill("SIGTERM");
    await waitFor("the first signal's effect", () => gateway.stderr.includes('"closing"'));
    expect(await gateway.kill("SIGTERM")).toBe(1);
    await allGone(pids, 5_000);
  });

  test("belong to one session each: the end of one leaves the other's running", async () => {
    const pidFile = join(createFolder(), "pids");
    const url = await startGateway({ good: probe({ PROBE_PIDS: pidFile }) }).url();
    const [mine, other] = [await connect(url), await connect(url)];
    await mine.client.callTool({ name: "good_log", arguments: {} });
    const [first, second] = await waitFor("both", () => pidsIn(pidFile).length === 2 && pidsIn(pidFile));
    await other.transport.terminateSession();
    await waitFor(
      "one of them to end",
      () => [first, second].filter((pid) => isRunning(pid as number)).length === 1,
    );
    expect(textOf(await mine.client.callTool({ name: "good_log", arguments: {} }))).toBe("logged");
  });
});
