import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { connect, createFolder, probe, startGateway } from "./support/gateway-process.js";
import { textOf } from "./support/session.js";
import { waitFor } from "./support/wait-for.js";

const URI = "probe+probe://state";

async function openSession() {
  const folder = createFolder();
  const store = `sqlite:${join(folder, "gateway.db")}`;
  const first = startGateway({ probe: probe() }, { folder, store });
  const url = await first.url();
  const restart = async () => {
    await first.kill("SIGKILL");
    await startGateway({ probe: probe() }, { folder, store, port: url.port }).url();
  };
  return { ...(await connect(url)), restart };
}

describe("a session after kill -9 of the gateway and its restart (G4)", () => {
  test("lives on under its id, with log level, subscriptions and client capabilities", async () => {
    const { client, transport, heard, restart } = await openSession();
    const { sessionId } = transport;
    await client.setLoggingLevel("warning");
    await client.subscribeResource({ uri: URI });
    await restart();

    const { contents } = await waitFor("the session", () =>
      client.readResource({ uri: URI }).catch(() => undefined),
    );
    expect(transport.sessionId).toBe(sessionId);
    const state = JSON.parse(textOf({ content: contents }));
    expect(state).toMatchObject({ logLevel: "warning", subscriptions: ["probe://state"] });
    await client.callTool({ name: "probe_touch", arguments: {} });
    await waitFor("an update", () =>
      heard.some(({ method }) => method === "notifications/resources/updated"),
    );
    const asked = JSON.parse(textOf(await client.callTool({ name: "probe_ask", arguments: {} })));
    expect(asked.roots).toEqual({ roots: [{ uri: "file:///root", name: "root" }] });
    expect(asked.sampling.content.text).toContain("sampled");
  });

  test("ends a call that was interrupted with a retryable error", async () => {
    const { client, restart } = await openSession();
    const call = client.callTool({ name: "probe_wait", arguments: {} }).catch((error) => error);
    // In flight once a later call has been answered.
    await client.callTool({ name: "probe_log", arguments: {} });
    await restart();
    expect(await call).toMatchObject({ code: -31010, data: { retryable: true } });
    expect(textOf(await client.callTool({ name: "probe_log", arguments: {} }))).toBe("logged");
  });
});

describe("at SIGTERM (G10)", () => {
  const openDraining = async (drainMs: number) => {
    const gateway = startGateway({ probe: probe() }, { drainMs });
    const url = await gateway.url();
    return { gateway, url, ...(await connect(url)) };
  };

  test("a call that runs finishes, and nothing new begins", async () => {
    const { gateway, url, client } = await openDraining(10_000);
    const progress: number[] = [];
    const call = client.callTool({ name: "probe_slow", arguments: { steps: 20, stepMs: 50 } }, undefined, {
      onprogress: (one) => progress.push(one.progress),
    });
    await waitFor("progress", () => progress.length > 2);
    const exit = gateway.kill("SIGTERM");
    await waitFor("the signal's effect", () => gateway.stderr.includes('"closing"'));
    expect((await fetch(new URL("/readyz", url))).status).toBe(503);
    await expect(client.callTool({ name: "probe_log", arguments: {} })).rejects.toThrow(/shutting down/);
    expect((await call).isError).toBeFalsy();
    expect(progress).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(await exit).toBe(0);
  });

  test("a call that runs longer than --drain-ms is not waited for", async () => {
    const { gateway, client } = await openDraining(300);
    const call = client.callTool({ name: "probe_wait", arguments: {} }).catch((error) => error);
    await client.callTool({ name: "probe_log", arguments: {} });
    const startedMs = performance.now();
    expect(await gateway.kill("SIGTERM")).toBe(0);
    expect(performance.now() - startedMs).toBeGreaterThan(300);
    await client.close();
    expect(await call).toBeInstanceOf(Error);
  });
});
