import { setTimeout as pause } from "node:timers/promises";
import type { Store } from "@durable-mcp/contract";
import { Cluster, Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { RedisServer } from "../../../test/support/redis-server.js";
import { createRedisStore } from "../src/index.js";
import { createSession, message, openStore, payloads } from "./sessions.js";
import { SilentProxy } from "./silent-proxy.js";

let server: RedisServer;
let admin: Redis;
let proxy: SilentProxy;
beforeAll(async () => {
  server = await RedisServer.start();
  admin = new Redis(server.url);
});
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});
beforeEach(async () => {
  proxy = await SilentProxy.start(server.port);
  onTestFinished(() => proxy.stop());
});

/** A store whose next answer will be lost, another that lies in between, and a session. */
async function two(): Promise<{ lossy: Store; other: Store; id: string; lose: () => Promise<void> }> {
  const keyPrefix = `${crypto.randomUUID()}:`;
  const lossy = openStore({ url: proxy.url, keyPrefix });
  const other = openStore({ url: server.url, keyPrefix });
  const { id } = await createSession(lossy);
  await lossy.log.append({ sessionId: id, streamId: "g" }, [message("0")]);
  await lossy.sessions.update(id, { fence: 1 }, { state: {} });
  await lossy.log.take({ sessionId: id, streamId: "none" }, { events: 1, bytes: 1 }, 1);
  const lose = async () => {
    while (proxy.losesPiece > 0) await pause(1);
  };
  return { lossy, other, id, lose };
}

describe("G1 an answer that is lost while others write", () => {
  it("two appends at once are each done once", async () => {
    const { lossy, id } = await two();
    const key = { sessionId: id, streamId: "g" };
    proxy.losesPiece = 1;
    await Promise.all([lossy.log.append(key, [message("a")]), lossy.log.append(key, [message("b")])]);
    expect(await payloads(lossy, id)).toEqual(["0", "a", "b"]);
  });

  it("an append is done once, also if another one came in between, or ended the stream", async () => {
    const { lossy, other, id, lose } = await two();
    const key = { sessionId: id, streamId: "g" };
    proxy.losesPiece = 1;
    const first = lossy.log.append(key, [message("a")]);
    await lose();
    await other.log.append(key, [message("b")]);
    expect(await first).toEqual({ outcome: "ok", last: 2 });
    proxy.losesPiece = 1;
    const second = lossy.log.append(key, [message("c")]);
    await lose();
    await other.log.append(key, [message("d")], { end: true });
    expect(await second).toEqual({ outcome: "ok", last: 4 });
    expect(await payloads(lossy, id)).toEqual(["0", "a", "b", "c", "d"]);
  });

  it("a take is done once, and gives what it took, also if another one came in between", async () => {
    const { lossy, other, id, lose } = await two();
    const key = { sessionId: id, streamId: "g" };
    await lossy.log.append(key, [{ ...message("é\ud800\0"), final: true }, message("b")], { fence: 1 });
    proxy.losesPiece = 1;
    const first = lossy.log.take(key, { events: 2, bytes: 100 }, 1);
    await lose();
    await other.sessions.claim(id, 1, "node-2");
    await other.log.append(key, [message("c")]);
    expect(await other.log.take(key, { events: 1, bytes: 100 }, 2)).toMatchObject({
      events: [{ offset: 3 }],
    });
    expect(await first).toEqual({
      outcome: "ok",
      events: [
        { offset: 1, fence: 0, kind: "message", payload: "0", final: false },
        { offset: 2, fence: 1, kind: "message", payload: "é\ud800\0", final: true },
      ],
      more: true,
    });
    expect(await other.log.head(key)).toEqual({ last: 4, oldest: 4, ended: false });
  });

  it("a take that has found nothing leaves nothing behind", async () => {
    const store = openStore({ url: server.url, keyPrefix: "idle:" });
    const { id } = await createSession(store);
    const before = await admin.keys("idle:*");
    const none = { outcome: "ok", events: [], more: false };
    expect(await store.log.take({ sessionId: id, streamId: "g" }, { events: 1, bytes: 1 }, 1)).toEqual(none);
    expect((await admin.keys("idle:*")).toSorted()).toEqual(before.toSorted());
  });

  it("an update is no conflict with what came after it", async () => {
    const { lossy, other, id, lose } = await two();
    proxy.losesPiece = 1;
    const update = lossy.sessions.update(id, { fence: 1, version: 2 }, { state: { n: 1 } });
    await lose();
    await other.sessions.update(id, { fence: 1, version: 3 }, { state: { n: 2 } });
    expect(await update).toMatchObject({ outcome: "ok", record: { version: 4, state: { n: 2 } } });
  });
});

it("G7 new streams are refused at maxmemory, too", async () => {
  const full = await RedisServer.start("--maxmemory", "8mb", "--maxmemory-policy", "noeviction");
  onTestFinished(() => full.stop());
  const store = openStore({ url: full.url });
  const { id } = await createSession(store);
  const filling = async () => {
    for (let n = 0; n < 300; n += 1) {
      await store.log.append({ sessionId: id, streamId: `${n}` }, [message("x".repeat(100_000))]);
    }
  };
  await expect(filling()).rejects.toMatchObject({ code: "STORE_FULL" });
});

it("G8 what is there can be taken at maxmemory", async () => {
  const full = await RedisServer.start();
  onTestFinished(() => full.stop());
  const own = new Redis(full.url);
  onTestFinished(() => own.disconnect());
  const store = openStore({ url: full.url });
  const { id } = await createSession(store);
  const key = { sessionId: id, streamId: "inbox" };
  await store.log.append(key, [message("a"), message("b")]);
  await own.config("SET", "maxmemory", "1");
  await expect(store.log.append(key, [message("c")])).rejects.toMatchObject({ code: "STORE_FULL" });
  const taken = await store.log.take(key, { events: 1, bytes: 1 }, 1);
  expect(taken).toMatchObject({ outcome: "ok", events: [{ payload: "a" }], more: true });
});

describe("wake-ups", () => {
  it("a watch that follows one that was stopped is not taken back with it", async () => {
    await admin.script("FLUSH");
    const store = openStore({ url: server.url, keyPrefix: "again:" });
    const other = openStore({ url: server.url, keyPrefix: "again:" });
    const { id } = await createSession(other);
    const key = { sessionId: id, streamId: "g" };
    const first = new AbortController();
    await store.log.watch(key, () => {}, first.signal);
    first.abort();
    let wakes = 0;
    await store.log.watch(key, () => (wakes += 1), new AbortController().signal);
    await pause(50);
    await other.log.append(key, [message("a")]);
    await expect.poll(() => wakes).toBe(1);
  });
});

describe("changes", () => {
  it("come through with a client that has a prefix of its own", async () => {
    const client = new Redis(server.url, { keyPrefix: "app:" });
    onTestFinished(() => client.disconnect());
    const store = openStore({ client });
    const heard: string[] = [];
    const { signal } = new AbortController();
    await store.changes.subscribe(({ topic }) => heard.push(topic), { onGap: () => {}, signal });
    await store.changes.publish({ topic: "t", payload: "" });
    await expect.poll(() => heard).toEqual(["t"]);
  });

  it("that no store has published are a gap", async () => {
    const store = openStore({ url: server.url, keyPrefix: "odd:" });
    let gaps = 0;
    const { signal } = new AbortController();
    await store.changes.subscribe(() => {}, { onGap: () => (gaps += 1), signal });
    await admin.publish("odd:changes", "{");
    await expect.poll(() => gaps).toBe(1);
  });

  it("tell one gap for one outage, however long", { timeout: 10_000 }, async () => {
    const own = await RedisServer.start();
    onTestFinished(() => own.stop());
    const store = openStore({ url: own.url });
    let gaps = 0;
    const { signal } = new AbortController();
    await store.changes.subscribe(() => {}, { onGap: () => (gaps += 1), signal });
    await own.kill();
    await pause(1_500);
    await own.restart();
    await expect.poll(() => gaps, { timeout: 5_000 }).toBe(1);
    await pause(200);
    expect(gaps).toBe(1);
  });
});

describe("G7 the indices", () => {
  const options = { ttlMs: 60_000, maxPerPrincipal: 1, maxTotal: 1 };
  const session = (id: string, principal: string) => ({
    id,
    principal,
    nodeId: "node",
    shape: {},
    state: {},
  });

  it("a touch that comes after the end takes no room", async () => {
    const keyPrefix = "late:";
    const store = openStore({ url: server.url, keyPrefix });
    await store.sessions.create(session("a", "ann"), options);
    await store.sessions.terminate("a");
    // As of a touch that was there before the end, and told the index after it.
    const { SessionIndex } = await import("../src/session-index.js");
    const { Keys } = await import("../src/keys.js");
    const { RedisConnection } = await import("../src/redis-connection.js");
    const { parseOptions } = await import("../src/options.js");
    const connection = new RedisConnection(parseOptions({ url: server.url }));
    onTestFinished(() => connection.close());
    await new SessionIndex(connection, new Keys(keyPrefix)).refresh("a", "ann", Date.now() + 60_000);
    expect(await store.sessions.create(session("b", "ann"), options)).toMatchObject({ outcome: "ok" });
  });

  it("have room again if the other one could not be told", async () => {
    const store = openStore({ url: server.url, keyPrefix: "half:" });
    await admin.set("half:{all}:x", "not a sorted set");
    await expect(store.sessions.create(session("a", "ann"), options)).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
    });
    await admin.del("half:{all}:x");
    expect(await store.sessions.create(session("b", "ann"), options)).toMatchObject({ outcome: "ok" });
  });
});

describe("G8 connections", () => {
  it("of an application do not send what was given up", async () => {
    const client = new Redis(proxy.url, { autoResendUnfulfilledCommands: false });
    client.on("error", () => {});
    onTestFinished(() => client.disconnect());
    const store = openStore({ client, timeoutMs: 300 });
    const { id } = await createSession(store);
    const key = { sessionId: id, streamId: "g" };
    await store.log.append(key, [message("kept")]);
    proxy.refuses = true;
    proxy.cut();
    await expect.poll(() => client.status).not.toBe("ready");
    await expect(store.log.append(key, [message("given up")])).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
    });
    proxy.refuses = false;
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
    expect(await payloads(store, id)).toEqual(["kept"]);
  });

  it("that went silent are made anew", { timeout: 15_000 }, async () => {
    const store = openStore({ url: proxy.url, timeoutMs: 300 });
    let gaps = 0;
    const { signal } = new AbortController();
    await store.changes.subscribe(() => {}, { onGap: () => (gaps += 1), signal });
    proxy.silence();
    const isReady = () =>
      store.ready().then(
        () => true,
        () => false,
      );
    await expect.poll(isReady, { timeout: 5_000 }).toBe(true);
    await expect.poll(() => gaps, { timeout: 5_000 }).toBe(1);
  });

  it("to a cluster with a password serve watchers and readiness, too", { timeout: 20_000 }, async () => {
    const own = await RedisServer.start(
      ...["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1", "--requirepass", "secret"],
    );
    onTestFinished(() => own.stop());
    const node = new Redis(own.url, { password: "secret" });
    await node.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await expect.poll(() => node.cluster("INFO"), { timeout: 5_000 }).toContain("cluster_state:ok");
    node.disconnect();
    const client = new Cluster([{ host: "127.0.0.1", port: own.port }], {
      redisOptions: { password: "secret" },
    });
    client.on("error", () => {});
    onTestFinished(() => client.disconnect());
    const store = createRedisStore({ client });
    onTestFinished(() => store.close());
    const { id } = await createSession(store);
    await store.log.watch({ sessionId: id, streamId: "g" }, () => {}, new AbortController().signal);
    await own.kill();
    await expect(store.ready()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });
});
