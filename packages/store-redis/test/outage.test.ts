import { performance } from "node:perf_hooks";
import type { Store } from "@durable-mcp/contract";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { RedisServer } from "../../../test/support/redis-server.js";
import { createSession, message, openStore, payloads } from "./sessions.js";
import { SilentProxy } from "./silent-proxy.js";

const UNAVAILABLE = { name: "DurableMcpError", code: "STORE_UNAVAILABLE", retryable: true };

let server: RedisServer;
let proxy: SilentProxy;
beforeEach(async () => {
  server = await RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
  proxy = await SilentProxy.start(server.port);
});
afterEach(async () => {
  await proxy.stop();
  await server.stop();
});

async function msOf(work: Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work;
  return performance.now() - before;
}

describe("G8 while Redis is away", () => {
  it.each([
    ["killed", () => server.kill()],
    [
      "silent",
      async () => {
        proxy.stopped = true;
      },
    ],
  ])("%s, every operation fails within its time, and all is well when it is back", async (how, away) => {
    const store = openStore({ url: proxy.url, timeoutMs: 500 });
    const { id } = await createSession(store);
    const key = { sessionId: id, streamId: "g" };
    await store.log.append(key, [message("kept")]);

    await away();
    const attempts = [
      store.log.append(key, [message("lost")]),
      store.log.read(key, 0, { events: 1, bytes: 1 }),
      store.sessions.get(id),
      store.nodes.isAlive("node"),
      store.changes.publish({ topic: "t", payload: "" }),
      store.log.watch(key, () => {}, new AbortController().signal),
      store.ready(),
    ];
    const ms = await msOf(
      Promise.all(attempts.map((attempt) => expect(attempt).rejects.toMatchObject(UNAVAILABLE))),
    );
    expect(ms).toBeLessThan(1_500);

    proxy.stopped = false;
    if (how === "killed") await server.restart();
    await expect
      .poll(
        () =>
          store.ready().then(
            () => "ready",
            () => "not yet",
          ),
        { timeout: 5_000 },
      )
      .toBe("ready");
    await store.log.append(key, [message("later")]);
    const kept = await payloads(store, id);
    // Whether an operation that Redis never answered was done, nobody knows; it is not done twice.
    expect(kept.filter((payload) => payload !== "lost")).toEqual(["kept", "later"]);
    expect(kept.filter((payload) => payload === "lost").length).toBeLessThanOrEqual(1);
  });

  it("short enough, nobody notices", async () => {
    const store = openStore({ url: proxy.url });
    const { id } = await createSession(store);
    const key = { sessionId: id, streamId: "g" };
    for (let round = 0; round < 10; round += 1) {
      proxy.cut();
      expect(await store.log.append(key, [message(`${round}`)])).toEqual({ outcome: "ok", last: round + 1 });
    }
    expect(await payloads(store, id)).toEqual(Array.from({ length: 10 }, (_, round) => `${round}`));
  });

  it("watchers are woken by messages again afterwards, also if Redis has lost who they are", async () => {
    const writer = openStore({ url: server.url, keyPrefix: "watched:" });
    const reader = openStore({ url: proxy.url, keyPrefix: "watched:" });
    const { id } = await createSession(writer);
    const key = { sessionId: id, streamId: "g" };
    const controller = new AbortController();
    const wakes: true[] = [];
    await reader.log.watch(key, () => wakes.push(true), controller.signal);
    const admin = new Redis(server.url);
    onTestFinished(() => admin.disconnect());
    proxy.cut();
    await admin.del(`watched:{s:${id}}:w`);
    await expect.poll(() => admin.exists(`watched:{s:${id}}:w`), { timeout: 5_000 }).toBe(1);
    const before = wakes.length;
    await writer.log.append(key, [message("a")]);
    await expect.poll(() => wakes.length, { timeout: 5_000 }).toBeGreaterThan(before);
    controller.abort();
  });

  it("watchers are woken if their registration was lost, for what came meanwhile", async () => {
    const keyPrefix = "lost:";
    const writer = openStore({ url: server.url, keyPrefix });
    let nowMs = Date.now();
    const reader = openStore({ url: server.url, keyPrefix, now: () => nowMs });
    const { id } = await createSession(writer);
    const key = { sessionId: id, streamId: "g" };
    const wakes: true[] = [];
    await reader.log.watch(key, () => wakes.push(true), new AbortController().signal);
    const admin = new Redis(server.url);
    onTestFinished(() => admin.disconnect());
    // As after a fail-over, or a pause of the process.
    await admin.del(`${keyPrefix}{s:${id}}:w`);
    await writer.log.append(key, [message("nobody is told")]);
    expect(wakes).toEqual([]);
    nowMs += 20_000;
    await expect.poll(() => wakes.length, { timeout: 5_000 }).toBe(1);
    await writer.log.append(key, [message("told")]);
    await expect.poll(() => wakes.length).toBe(2);
  });

  it("subscribers of changes are told that they may have missed some", async () => {
    const store = openStore({ url: proxy.url });
    const controller = new AbortController();
    const heard: string[] = [];
    await store.changes.subscribe(({ topic }) => heard.push(topic), {
      onGap: () => heard.push("gap"),
      signal: controller.signal,
    });
    await store.changes.publish({ topic: "before", payload: "" });
    await expect.poll(() => heard).toEqual(["before"]);
    proxy.cut();
    await expect.poll(() => heard, { timeout: 5_000 }).toEqual(["before", "gap"]);
    await store.changes.publish({ topic: "after", payload: "" });
    await expect.poll(() => heard).toEqual(["before", "gap", "after"]);
    controller.abort();
  });
});

describe("G1 an answer of Redis that is lost on its way", () => {
  /** Redis knows every script: the answer that is lost is none that asks for one. */
  async function warmedUp(): Promise<Store> {
    const store = openStore({ url: proxy.url });
    const { sessions, log } = store;
    const { id } = await createSession(store);
    await log.append({ sessionId: id, streamId: "g" }, [message("a")]);
    await payloads(store, id);
    await sessions.update(id, { fence: 1 }, { state: {} });
    await sessions.claim(id, 1, "other");
    await sessions.touch(id, 120_000);
    await sessions.release(id, 2);
    await sessions.terminate(id);
    return store;
  }

  async function lost<T>(work: () => Promise<T>): Promise<T> {
    proxy.losesPiece = 1;
    const result = await work();
    expect(proxy.losesPiece).toBe(0);
    return result;
  }

  it("is got again, and nothing is done twice", async () => {
    const store = await warmedUp();
    const { sessions, log } = store;
    const { id } = await createSession(store);
    const key = { sessionId: id, streamId: "g" };
    expect(await lost(() => log.append(key, [message("a")]))).toEqual({ outcome: "ok", last: 1 });
    expect(await lost(() => log.append(key, [message("b")], { end: true }))).toEqual({
      outcome: "ok",
      last: 2,
    });
    expect(await payloads(store, id)).toEqual(["a", "b"]);
    expect(
      await lost(() => sessions.update(id, { fence: 1, version: 1 }, { state: { a: 1 } })),
    ).toMatchObject({
      outcome: "ok",
      record: { version: 2, state: { a: 1 } },
    });
    expect(await lost(() => sessions.claim(id, 1, "other"))).toMatchObject({
      outcome: "ok",
      record: { fence: 2, nodeId: "other" },
    });
    expect(await lost(() => sessions.touch(id, 120_000))).toEqual({ outcome: "ok" });
    expect(await lost(() => sessions.release(id, 2))).toEqual({ outcome: "ok" });
    expect(await lost(() => sessions.terminate(id))).toEqual({ outcome: "ok" });
    expect(await sessions.terminate(id)).toEqual({ outcome: "gone" });
  });

  it.each([1, 2, 3, 4])("leaves one session where one was created: answer %s", async (piece) => {
    const store = await warmedUp();
    const session = { id: "one", principal: "ann", nodeId: "node", shape: {}, state: {} };
    const options = { ttlMs: 60_000, maxPerPrincipal: 1, maxTotal: 1 };
    proxy.losesPiece = piece;
    expect(await store.sessions.create(session, options)).toMatchObject({ outcome: "ok" });
    expect((await store.sessions.list("ann", { limit: 10 })).sessions).toHaveLength(1);
    expect(await store.sessions.create({ ...session, id: "two" }, options)).toMatchObject({
      outcome: "quota",
    });
  });
});

describe("G4 what was acknowledged", () => {
  it("is there after Redis was killed, with appendfsync always", async () => {
    const store = openStore({ url: server.url });
    const { id } = await createSession(store);
    const key = { sessionId: id, streamId: "g" };
    const acknowledged: string[] = [];
    const writing = (async () => {
      for (let n = 0; ; n += 1) {
        try {
          await store.log.append(key, [message(`${n}`)]);
        } catch {
          return;
        }
        acknowledged.push(`${n}`);
        if (n === 50) void server.kill();
      }
    })();
    await writing;
    await server.restart();
    await expect
      .poll(
        () =>
          store.ready().then(
            () => "ready",
            () => "not yet",
          ),
        { timeout: 5_000 },
      )
      .toBe("ready");
    const kept = await payloads(store, id);
    expect(kept.slice(0, acknowledged.length)).toEqual(acknowledged);
    expect(kept.length).toBeLessThanOrEqual(acknowledged.length + 1);
  });
});
