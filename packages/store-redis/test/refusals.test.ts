import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { RedisServer } from "../../../test/support/redis-server.js";
import { createRedisStore } from "../src/index.js";
import { createSession, message, openStore, payloads } from "./sessions.js";

let server: RedisServer;
let admin: Redis;
beforeAll(async () => {
  server = await RedisServer.start();
  admin = new Redis(server.url);
});
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

describe("what Redis may refuse", () => {
  it("G8 is not ready where keys may be evicted, and says why", async () => {
    await admin.config("SET", "maxmemory-policy", "allkeys-lru");
    onTestFinished(async () => void (await admin.config("SET", "maxmemory-policy", "noeviction")));
    const store = openStore({ url: server.url });
    await expect(store.ready()).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("maxmemory-policy allkeys-lru"),
    });
    await admin.config("SET", "maxmemory-policy", "noeviction");
    await store.ready();
  });

  it("G8 is not ready on a replica, and writes nothing there", async () => {
    const replica = await RedisServer.start("--replicaof", "127.0.0.1", String(server.port));
    onTestFinished(() => replica.stop());
    const store = openStore({ url: replica.url, timeoutMs: 300 });
    await expect(store.ready()).rejects.toMatchObject({ message: expect.stringContaining("replica") });
    await expect(createSession(store)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", retryable: true });
  });

  it("G7 is full at maxmemory: nothing is half written, and it goes on when there is room", async () => {
    const full = await RedisServer.start("--maxmemory", "8mb", "--maxmemory-policy", "noeviction");
    onTestFinished(() => full.stop());
    const store = openStore({ url: full.url });
    const { id } = await createSession(store);
    const key = { sessionId: id, streamId: "g" };
    let written = 0;
    const filling = async () => {
      for (;;) {
        await store.log.append(key, [message(`${written}:${"x".repeat(100_000)}`), message("second")]);
        written += 1;
      }
    };
    await expect(filling()).rejects.toMatchObject({ code: "STORE_FULL", retryable: true });
    expect(written).toBeGreaterThan(5);
    const kept = await payloads(store, id);
    expect(kept.length).toBe(2 * written);
    await store.sessions.terminate(id);
    await createSession(store);
  });

  it("knows its scripts again after Redis has forgotten them", async () => {
    const store = openStore({ url: server.url });
    const { id } = await createSession(store);
    await admin.script("FLUSH");
    await store.log.append({ sessionId: id, streamId: "g" }, [message("a")]);
    await admin.script("FLUSH");
    expect(await payloads(store, id)).toEqual(["a"]);
  });
});

describe("an index that a crash has left behind the sessions", () => {
  it("G9 shows nobody's session to another principal", async () => {
    const store = openStore({ url: server.url, keyPrefix: "behind:" });
    const options = { ttlMs: 60_000, maxPerPrincipal: 10, maxTotal: 10 };
    const session = { id: "same", nodeId: "node", shape: {}, state: {} };
    await store.sessions.create({ ...session, principal: "ann" }, options);
    // As after a crash between the end of the session and the entry's removal.
    await admin.del("behind:{s:same}");
    await store.sessions.create({ ...session, principal: "ben" }, options);
    expect((await store.sessions.list("ann", { limit: 10 })).sessions).toEqual([]);
    expect((await store.sessions.list("ben", { limit: 10 })).sessions).toMatchObject([{ id: "same" }]);
  });

  it("G7 has room again for those whose session another one was faster to create", async () => {
    const store = openStore({ url: server.url });
    const options = { ttlMs: 60_000, maxPerPrincipal: 1, maxTotal: 10 };
    const create = (id: string, principal: string) =>
      store.sessions.create({ id, principal, nodeId: "node", shape: {}, state: {} }, options);
    const outcomes = await Promise.all([create("same", "ann"), create("same", "ben")]);
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(["exists", "ok"]);
    const loser = outcomes[0].outcome === "ok" ? "ben" : "ann";
    expect(await create("another", loser)).toMatchObject({ outcome: "ok" });
  });
});

describe("G3 text that UTF-8 cannot say", () => {
  it("comes back as it was, and names what it named", async () => {
    const store = openStore({ url: server.url });
    const halves = ["\ud83d", "\ude00", "a\ud83d", "\ufffd"];
    for (const id of halves) {
      await createSession(store, { id });
      await store.log.append({ sessionId: id, streamId: id }, [message(id)]);
    }
    for (const id of halves) {
      expect((await store.sessions.get(id))?.id).toBe(id);
      expect(await payloads(store, id, id)).toEqual([id]);
      expect(await store.log.openStreams(id)).toEqual([id]);
    }
  });
});

describe("what a node writes and watches itself", () => {
  it("wakes without a message", async () => {
    const own = await RedisServer.start();
    onTestFinished(() => own.stop());
    const store = openStore({ url: own.url });
    const { id } = await createSession(store);
    const key = { sessionId: id, streamId: "g" };
    const wakes: true[] = [];
    await store.log.watch(key, () => wakes.push(true), new AbortController().signal);
    for (let n = 0; n < 10; n += 1) await store.log.append(key, [message("a")]);
    await store.sessions.terminate(id);
    expect(wakes.length).toBeGreaterThanOrEqual(10);
    const client = new Redis(own.url);
    onTestFinished(() => client.disconnect());
    expect(await client.info("commandstats")).not.toContain("cmdstat_publish");
  });
});

describe("a client of the application's own", () => {
  it("serves the store, and stays open when the store is closed", async () => {
    const client = new Redis(server.url, { keyPrefix: "app:" });
    onTestFinished(() => client.disconnect());
    const store = createRedisStore({ client, keyPrefix: "mcp:" });
    const { id } = await createSession(store);
    const key = { sessionId: id, streamId: "g" };
    const controller = new AbortController();
    const wakes: true[] = [];
    await store.log.watch(key, () => wakes.push(true), controller.signal);
    const other = openStore({ client, keyPrefix: "mcp:" });
    await other.log.append(key, [message("a")]);
    await expect.poll(() => wakes.length).toBe(1);
    controller.abort();
    await store.close();
    expect(await client.ping()).toBe("PONG");
    expect((await admin.keys("*mcp:*")).every((name) => name.startsWith("app:mcp:"))).toBe(true);
  });

  it.each([
    [{}, "options: expected either url or client"],
    [{ url: "redis://x", client: {} }, "options.client: expected an ioredis Redis or Cluster"],
    [{ url: "http://x" }, "options.url: expected redis:// or rediss://"],
    [{ url: "redis://x", keyPrefix: "a{b}" }, "options.keyPrefix: must not contain { or }"],
    [
      { url: "redis://x", retention: { maxEvents: 0 } },
      "options.retention.maxEvents: expected an integer >= 1",
    ],
    [{ url: "redis://x", timeoutMs: 5_001 }, "options.timeoutMs: expected at most 5000"],
    [{ url: "redis://x", prefix: "a" }, "options.prefix: unknown option"],
  ])("%j: %s", (options, says) => {
    expect(() => createRedisStore(options as never)).toThrow(new TypeError(`createRedisStore: ${says}`));
  });
});

describe("G7 by expiry alone, in real time", () => {
  it("nothing is left of abandoned sessions", { timeout: 20_000 }, async () => {
    const keyPrefix = "abandoned:";
    const store = openStore({ url: server.url, keyPrefix, retention: { maxAgeMs: 2_000 } });
    const many = Array.from({ length: 200 }, async () => {
      const { id } = await createSession(store, { ttlMs: 2_000 });
      const controller = new AbortController();
      await store.log.watch({ sessionId: id, streamId: "g" }, () => {}, controller.signal);
      await store.log.append({ sessionId: id, streamId: "g" }, [message("a")]);
      await store.log.append({ sessionId: id, streamId: "p" }, [message("b")], { end: true });
      await store.sessions.touch(id, 2_500);
      controller.abort();
    });
    await Promise.all(many);
    await store.nodes.heartbeat("node", 2_000);
    const keys = () => admin.keys(`${keyPrefix}*`);
    const left = await keys();
    expect(left.length).toBeGreaterThan(400);
    for (const key of left) expect(await admin.pttl(key), key).toBeGreaterThan(-1);
    await expect.poll(async () => (await keys()).length, { timeout: 10_000 }).toBe(0);
  });

  it("every key of a session that nobody touches has its end", async () => {
    const store = openStore({ url: server.url, keyPrefix: "untouched:" });
    const { id } = await createSession(store);
    await store.log.append({ sessionId: id, streamId: "g" }, [message("a")]);
    await store.log.append({ sessionId: id, streamId: "p" }, [message("b")], { end: true });
    const names = await admin.keys("untouched:*");
    expect(names.length).toBeGreaterThan(7);
    for (const name of names) expect(await admin.pttl(name), name).toBeGreaterThan(0);
  });

  it("every key of a session lives on with it when it is touched", async () => {
    const store = openStore({ url: server.url, keyPrefix: "touched:" });
    const { id } = await createSession(store, { ttlMs: 2_000 });
    await store.log.append({ sessionId: id, streamId: "g" }, [message("a")]);
    await store.log.append({ sessionId: id, streamId: "p" }, [message("b")], { end: true });
    await store.sessions.touch(id, 60_000);
    const names = await admin.keys("touched:*");
    // What single calls did is remembered for as long as they may be sent again.
    for (const name of names.filter((key) => !key.includes(":t:"))) {
      expect(await admin.pttl(name), name).toBeGreaterThan(30_000);
    }
  });

  it("events that Redis has let go are told as a gap, and the stream goes on", async () => {
    const store = openStore({ url: server.url, retention: { maxAgeMs: 300 } });
    const { id } = await createSession(store);
    const key = { sessionId: id, streamId: "g" };
    await store.log.append(key, [message("a"), { ...message("b"), final: true }]);
    await expect.poll(() => store.log.finals(key), { timeout: 5_000 }).toEqual([]);
    expect(await store.log.head(key)).toEqual({ last: 2, oldest: 3, ended: false });
    expect(await store.log.read(key, 0, { events: 10, bytes: 10 })).toEqual({ outcome: "gap", oldest: 3 });
    expect(await store.log.append(key, [message("c")])).toEqual({ outcome: "ok", last: 3 });
    expect(await store.log.read(key, 2, { events: 10, bytes: 10 })).toMatchObject({
      events: [{ payload: "c" }],
    });
  });

  it("nothing of an expired session's events is taken along by the next of its id", async () => {
    const store = openStore({ url: server.url, keyPrefix: "again:" });
    const key = { sessionId: "again", streamId: "g" };
    await createSession(store, { id: "again", ttlMs: 300 });
    await store.log.append(key, [message("old 1"), message("old 2")]);
    await expect.poll(() => store.sessions.get("again"), { timeout: 5_000 }).toBeUndefined();
    await createSession(store, { id: "again" });
    await store.log.append(key, [message("new")]);
    expect(await payloads(store, "again")).toEqual(["new"]);
    expect(await admin.hlen("again:{s:again}:e:sg")).toBe(2);
  });

  it("the watcher of a session that expires is woken", async () => {
    const store = openStore({ url: server.url });
    const { id } = await createSession(store, { ttlMs: 300 });
    const wakes: true[] = [];
    await store.log.watch(
      { sessionId: id, streamId: "g" },
      () => wakes.push(true),
      new AbortController().signal,
    );
    await expect.poll(() => wakes.length, { timeout: 5_000 }).toBe(1);
  });
});
