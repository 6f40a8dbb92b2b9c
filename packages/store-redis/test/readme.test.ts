import { readFileSync } from "node:fs";
import { Redis } from "ioredis";
import { expect, it, onTestFinished } from "vitest";
import { RedisServer } from "../../../test/support/redis-server.js";
import { createRedisStore } from "../src/index.js";
import { createSession, message, payloads } from "./sessions.js";

it("the README's access rights are enough for every operation, and for no other key", async () => {
  const server = await RedisServer.start();
  onTestFinished(() => server.stop());
  const admin = new Redis(server.url);
  onTestFinished(() => admin.disconnect());
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [, rights = ""] = /^ACL (SETUSER .*)$/m.exec(readme) ?? [];
  await admin.call("ACL", ...rights.split(" "));

  const store = createRedisStore({ url: server.url.replace("//", "//mcp:secret@") });
  onTestFinished(() => store.close());
  await store.ready();
  const { id } = await createSession(store);
  const key = { sessionId: id, streamId: "g" };
  const controller = new AbortController();
  const heard: string[] = [];
  await store.log.watch(key, () => heard.push("wake"), controller.signal);
  await store.changes.subscribe(({ topic }) => heard.push(topic), {
    onGap: () => {},
    signal: controller.signal,
  });
  await store.log.append(key, [message("a"), { ...message("b"), final: true }], { fence: 1, end: true });
  await store.log.append({ sessionId: id, streamId: "p" }, [message("a")], { refuseWhenFull: true });
  expect(await payloads(store, id)).toEqual(["a", "b"]);
  expect(await store.log.finals(key)).toHaveLength(1);
  expect(await store.log.head(key)).toEqual({ last: 2, oldest: 1, ended: true });
  expect(await store.log.openStreams(id)).toEqual(["p"]);
  expect(await store.log.trim({ sessionId: id, streamId: "p" }, 1, 1)).toEqual({ outcome: "ok" });
  expect(await store.log.take(key, { events: 1, bytes: 1 }, 1)).toMatchObject({ outcome: "ok", more: true });
  await store.changes.publish({ topic: "changed", payload: "" });
  await store.nodes.heartbeat("node", 1_000);
  expect(await store.nodes.isAlive("node")).toBe(true);
  expect(await store.sessions.touch(id, 120_000)).toEqual({ outcome: "ok" });
  expect(await store.sessions.update(id, { fence: 1 }, { state: { a: 1 } })).toMatchObject({ outcome: "ok" });
  expect(await store.sessions.claim(id, 1, "other")).toMatchObject({ outcome: "ok" });
  expect(await store.sessions.release(id, 2)).toEqual({ outcome: "ok" });
  expect((await store.sessions.list("ann", { limit: 10 })).sessions).toHaveLength(1);
  expect(await store.sessions.terminate(id)).toEqual({ outcome: "ok" });
  await expect.poll(() => heard).toEqual(expect.arrayContaining(["wake", "changed"]));
  controller.abort();

  const stranger = createRedisStore({ url: server.url.replace("//", "//mcp:secret@"), keyPrefix: "other:" });
  onTestFinished(() => stranger.close());
  await expect(createSession(stranger)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
});
