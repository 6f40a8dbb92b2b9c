import { describe, expect, it } from "vitest";
import { type FollowPolicy, StreamConnection } from "../src/stream-connection.js";
import { type Committed, StreamWriter } from "../src/stream-writer.js";
import { ControlledStore } from "./support/controlled-store.js";
import { FakeResponse } from "./support/fake-http.js";
import { soon } from "./support/soon.js";

const key = { sessionId: "s", streamId: "g" };
const waits: FollowPolicy = {
  gap: async (_cursor, oldest) => ({ frames: [`: gap to ${oldest}\n\n`], cursor: oldest - 1 }),
  end: () => ["data: the end\n\n"],
  unknown: () => undefined,
};

async function setUp({ cursor = 0, maxEvents = 100, policy = waits } = {}) {
  const control = new ControlledStore({ retention: { maxEvents } });
  const session = { id: key.sessionId, principal: "", nodeId: "n", shape: {}, state: {} };
  await control.inner.sessions.create(session, { ttlMs: 60_000, maxPerPrincipal: 1, maxTotal: 1 });
  const response = new FakeResponse();
  const errors: unknown[] = [];
  const delivered: number[] = [];
  let closed = 0;
  const connect = () =>
    new StreamConnection({
      response,
      log: control.store.log,
      key,
      withIds: true,
      cursor,
      policy: { ...policy, delivered: (offset) => delivered.push(offset) },
      onError: (error) => errors.push(error),
      onClosed: () => {
        closed += 1;
      },
      onGone: () => {},
    });
  let connection: StreamConnection | undefined;
  const writer = new StreamWriter({
    log: control.store.log,
    key,
    fence: 1,
    onCommitted: (committed: Committed) => connection?.deliver(committed),
    onFailed: () => {},
  });
  return {
    control,
    response,
    errors,
    delivered,
    closed: () => closed,
    connect: () => {
      connection = connect();
      connection.wake();
      return connection;
    },
    send: (payload: string, end = false) => writer.append({ kind: "message", payload }, end),
    sendControl: (payload: string) => writer.append({ kind: "control", payload }),
    reads: () => control.begun.filter((operation) => operation === "read").length,
    ids: () => response.frames.map(({ id }) => id).filter((id) => id !== undefined),
  };
}

describe("StreamConnection", () => {
  it("G1: writes what is stored, then what is committed, without reading that back", async () => {
    const { send, connect, ids, reads, delivered } = await setUp();
    await send("1");
    await send("2");
    connect();
    await soon(() => expect(ids()).toEqual(["g.1.1", "g.2.1"]));
    await soon(() => expect(reads()).toBe(2));
    await Promise.all([send("3"), send("4"), send("5")]);
    expect(ids()).toEqual(["g.1.1", "g.2.1", "g.3.1", "g.4.1", "g.5.1"]);
    expect([reads(), delivered]).toEqual([2, [1, 2, 3, 4, 5]]);
  });

  it("begins after its cursor", async () => {
    const { send, connect, ids } = await setUp({ cursor: 2 });
    for (const payload of ["1", "2", "3"]) await send(payload);
    connect();
    await soon(() => expect(ids()).toEqual(["g.3.1"]));
  });

  it("G1: what is committed while it reads comes after what it reads, and once", async () => {
    const { control, send, connect, ids } = await setUp();
    await send("1");
    const release = control.holdResult("read");
    connect();
    await send("2");
    await send("3");
    release();
    await soon(() => expect(ids()).toEqual(["g.1.1", "g.2.1", "g.3.1"]));
  });

  it("G7: a client that does not read stops it; it goes on from the store", async () => {
    const { send, connect, response, ids, reads } = await setUp();
    const big = "x".repeat(40_000);
    for (let n = 0; n < 10; n += 1) await send(big);
    response.slow = true;
    const connection = connect();
    await soon(() => expect(response.text).not.toBe(""));
    for (let n = 0; n < 10; n += 1) await send(big);
    await new Promise((resolve) => setImmediate(resolve));
    expect(connection.bufferedBytes).toBeLessThan(2 * 64 * 1024);
    expect([ids().length, reads()]).toEqual([1, 1]);
    for (let drains = 0; drains < 100 && ids().length < 20; drains += 1) {
      response.drain();
      await new Promise((resolve) => setImmediate(resolve));
      expect(connection.bufferedBytes).toBeLessThan(2 * 64 * 1024);
    }
    expect(ids()).toEqual(Array.from({ length: 20 }, (_, n) => `g.${n + 1}.1`));
  });

  it("G7: a large commit is not written whole to a client that does not read", async () => {
    const { control, send, connect, response, ids } = await setUp();
    connect();
    await soon(() => expect(control.begun).toContain("read"));
    response.slow = true;
    const release = control.hold("append");
    const sends = Array.from({ length: 20 }, () => send("x".repeat(40_000)));
    release();
    await Promise.all(sends);
    expect(response.bufferedBytes).toBeLessThan(2 * 64 * 1024);
    response.slow = false;
    response.drain();
    await soon(() => expect(ids()).toHaveLength(20));
  });

  it("never writes control events, and passes over them", async () => {
    const { send, sendControl, connect, ids, response } = await setUp();
    await sendControl("secret");
    await send("2");
    connect();
    await soon(() => expect(ids()).toEqual(["g.2.1"]));
    await sendControl("secret");
    await send("4");
    expect(ids()).toEqual(["g.2.1", "g.4.1"]);
    expect(response.text).not.toContain("secret");
  });

  it.each([false, true])("ends with the stream (live: %s), after what the policy adds", async (live) => {
    const { send, connect, response, closed } = await setUp();
    if (live) connect();
    await send("1");
    await send("2", true);
    if (!live) connect();
    await soon(() => expect(response.ended).toBe(true));
    expect(response.frames.map(({ data }) => data)).toEqual(["1", "2", "the end"]);
    expect(closed()).toBe(1);
  });

  it("G2: goes on after a gap where the policy says", async () => {
    const { send, connect, response, ids } = await setUp({ maxEvents: 2 });
    for (const payload of ["1", "2", "3", "4"]) await send(payload);
    connect();
    await soon(() => expect(ids()).toEqual(["g.3.1", "g.4.1"]));
    expect(response.text).toContain(": gap to 3");
  });

  it("ends what the store does not know, if the policy says so", async () => {
    const policy = { ...waits, unknown: () => ["data: unknown\n\n"] };
    const { connect, response } = await setUp({ policy });
    connect();
    await soon(() => expect(response.ended).toBe(true));
    expect(response.frames.map(({ data }) => data)).toEqual(["unknown"]);
  });

  it("reports a store that fails and ends: the client resumes", async () => {
    const { control, connect, response, errors, closed } = await setUp();
    control.fail("read");
    connect();
    await soon(() => expect(response.ended).toBe(true));
    expect([errors, closed()]).toMatchObject([[{ code: "STORE_UNAVAILABLE" }], 1]);
  });

  it("writes nothing to a client that has gone away, and closes once", async () => {
    const { control, send, connect, response, closed } = await setUp();
    await send("1");
    const release = control.hold("read");
    const connection = connect();
    response.disconnect();
    release();
    await send("2");
    connection.closeWithRetry(5);
    connection.keepAlive();
    await new Promise((resolve) => setImmediate(resolve));
    expect([response.text, response.ended, closed()]).toEqual(["", false, 1]);
  });

  it("keeps alive only what was silent and is read", async () => {
    const { send, connect, response, reads } = await setUp();
    const connection = connect();
    await soon(() => expect(reads()).toBe(1));
    await new Promise((resolve) => setImmediate(resolve));
    connection.keepAlive();
    const comments = () => response.text.split(": keep-alive\n\n").length - 1;
    expect(comments()).toBe(1);
    connection.keepAlive();
    expect(comments()).toBe(2);
    await send("1");
    connection.keepAlive();
    expect(comments()).toBe(2);
    connection.keepAlive();
    expect(comments()).toBe(3);
    response.slow = true;
    await send("2");
    connection.keepAlive();
    connection.keepAlive();
    expect(comments()).toBe(3);
  });

  it("tells the client when to come back", async () => {
    const { connect, response, closed } = await setUp();
    connect().closeWithRetry(1_234);
    expect([response.frames, response.ended, closed()]).toEqual([[{ retry: 1_234 }], true, 1]);
  });
});
