import { DurableMcpError, guardStore, type Store, type StreamKey } from "@durable-mcp/contract";
import { describe, expect, it, vi } from "vitest";

const KEY: StreamKey = { sessionId: "s", streamId: "t" };
const SESSION = { id: "s", principal: "", nodeId: "n", shape: {}, state: {} };
const BOUNDS = { ttlMs: 1, maxPerPrincipal: 1, maxTotal: 1 };
const LIMITS = { events: 1, bytes: 1 };
const EVENT = { kind: "message", payload: "p" } as const;
const nothing = () => {};
const { signal } = new AbortController();

/** A store whose every method does `answer`, and the names of the methods that were called. */
function storeThat(answer: () => unknown) {
  const called: string[] = [];
  const method = (name: string) => async () => {
    called.push(name);
    return answer();
  };
  const section = (name: string): object =>
    new Proxy({}, { get: (_, property) => method(`${name}.${String(property)}`) });
  const inner = {
    ...{
      log: section("log"),
      sessions: section("sessions"),
      nodes: section("nodes"),
      changes: section("changes"),
    },
    capabilities: { durable: true, shared: false },
    ready: async () => answer(),
    close: vi.fn(async () => {}),
  } as unknown as Store & { close: ReturnType<typeof vi.fn> };
  return { inner, called, guarded: guardStore(inner) };
}

type Call = (store: Store) => Promise<unknown>;

const CALLS: readonly [method: string, call: Call][] = [
  ["log.append", ({ log }) => log.append(KEY, [EVENT])],
  ["log.read", ({ log }) => log.read(KEY, 0, LIMITS)],
  ["log.finals", ({ log }) => log.finals(KEY)],
  ["log.head", ({ log }) => log.head(KEY)],
  ["log.openStreams", ({ log }) => log.openStreams("s")],
  ["log.trim", ({ log }) => log.trim(KEY, 0, 1)],
  ["log.take", ({ log }) => log.take(KEY, LIMITS, 1)],
  ["log.watch", ({ log }) => log.watch(KEY, nothing, signal)],
  ["sessions.create", ({ sessions }) => sessions.create(SESSION, BOUNDS)],
  ["sessions.get", ({ sessions }) => sessions.get("s")],
  ["sessions.update", ({ sessions }) => sessions.update("s", { fence: 1 }, {})],
  ["sessions.touch", ({ sessions }) => sessions.touch("s", 1)],
  ["sessions.claim", ({ sessions }) => sessions.claim("s", 1, "n")],
  ["sessions.release", ({ sessions }) => sessions.release("s", 1)],
  ["sessions.terminate", ({ sessions }) => sessions.terminate("s")],
  ["sessions.list", ({ sessions }) => sessions.list("", { limit: 1 })],
  ["sessions.sweep", ({ sessions }) => sessions.sweep(1)],
  ["nodes.heartbeat", ({ nodes }) => nodes.heartbeat("n", 1)],
  ["nodes.isAlive", ({ nodes }) => nodes.isAlive("n")],
  ["changes.publish", ({ changes }) => changes.publish({ topic: "t", payload: "" })],
  ["changes.subscribe", ({ changes }) => changes.subscribe(nothing, { onGap: nothing, signal })],
];
const WITH_READY = [...CALLS, ["ready", (store: Store) => store.ready()]] as const;

const NO_NAMES: readonly unknown[] = ["", undefined, null, 5];
const NO_COUNTS: readonly unknown[] = [
  0,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  "1",
  undefined,
];
const NO_OFFSETS: readonly unknown[] = [-1, 0.5, Number.NaN, 2 ** 53, "0", undefined];
const NO_FENCES = NO_COUNTS.filter((value) => value !== undefined);

type CallWith = (store: Store, bad: never) => Promise<unknown>;

const MISTAKES: readonly [what: string, values: readonly unknown[], call: CallWith][] = [
  ["append: session id", NO_NAMES, ({ log }, bad) => log.append({ ...KEY, sessionId: bad }, [EVENT])],
  ["append: stream id", NO_NAMES, ({ log }, bad) => log.append({ ...KEY, streamId: bad }, [EVENT])],
  ["append: fence", NO_FENCES, ({ log }, bad) => log.append(KEY, [EVENT], { fence: bad })],
  ["append: no events", [{}, { end: false }, { fence: 1 }], ({ log }, bad) => log.append(KEY, [], bad)],
  ["read: stream id", NO_NAMES, ({ log }, bad) => log.read({ ...KEY, streamId: bad }, 0, LIMITS)],
  ["read: after", NO_OFFSETS, ({ log }, bad) => log.read(KEY, bad, LIMITS)],
  ["read: events", NO_COUNTS, ({ log }, bad) => log.read(KEY, 0, { ...LIMITS, events: bad })],
  ["read: bytes", NO_COUNTS, ({ log }, bad) => log.read(KEY, 0, { ...LIMITS, bytes: bad })],
  ["finals: stream id", NO_NAMES, ({ log }, bad) => log.finals({ ...KEY, streamId: bad })],
  ["head: session id", NO_NAMES, ({ log }, bad) => log.head({ ...KEY, sessionId: bad })],
  ["openStreams: id", NO_NAMES, ({ log }, bad) => log.openStreams(bad)],
  ["trim: up to", NO_OFFSETS, ({ log }, bad) => log.trim(KEY, bad, 1)],
  ["trim: fence", NO_COUNTS, ({ log }, bad) => log.trim(KEY, 0, bad)],
  ["take: session id", NO_NAMES, ({ log }, bad) => log.take({ ...KEY, sessionId: bad }, LIMITS, 1)],
  ["take: events", NO_COUNTS, ({ log }, bad) => log.take(KEY, { ...LIMITS, events: bad }, 1)],
  ["take: bytes", NO_COUNTS, ({ log }, bad) => log.take(KEY, { ...LIMITS, bytes: bad }, 1)],
  ["take: fence", NO_COUNTS, ({ log }, bad) => log.take(KEY, LIMITS, bad)],
  ["watch: stream id", NO_NAMES, ({ log }, bad) => log.watch({ ...KEY, streamId: bad }, nothing, signal)],
  ["create: id", NO_NAMES, ({ sessions }, bad) => sessions.create({ ...SESSION, id: bad }, BOUNDS)],
  ["create: node", NO_NAMES, ({ sessions }, bad) => sessions.create({ ...SESSION, nodeId: bad }, BOUNDS)],
  ["create: ttl", NO_COUNTS, ({ sessions }, bad) => sessions.create(SESSION, { ...BOUNDS, ttlMs: bad })],
  [
    "create: quota",
    NO_COUNTS,
    ({ sessions }, bad) => sessions.create(SESSION, { ...BOUNDS, maxPerPrincipal: bad }),
  ],
  ["create: total", NO_COUNTS, ({ sessions }, bad) => sessions.create(SESSION, { ...BOUNDS, maxTotal: bad })],
  ["get: id", NO_NAMES, ({ sessions }, bad) => sessions.get(bad)],
  ["update: id", NO_NAMES, ({ sessions }, bad) => sessions.update(bad, { fence: 1 }, {})],
  ["update: fence", NO_COUNTS, ({ sessions }, bad) => sessions.update("s", { fence: bad }, {})],
  ["touch: id", NO_NAMES, ({ sessions }, bad) => sessions.touch(bad, 1)],
  ["touch: ttl", NO_COUNTS, ({ sessions }, bad) => sessions.touch("s", bad)],
  ["claim: id", NO_NAMES, ({ sessions }, bad) => sessions.claim(bad, 1, "n")],
  ["claim: fence", NO_COUNTS, ({ sessions }, bad) => sessions.claim("s", bad, "n")],
  ["claim: node", NO_NAMES, ({ sessions }, bad) => sessions.claim("s", 1, bad)],
  ["release: fence", NO_COUNTS, ({ sessions }, bad) => sessions.release("s", bad)],
  ["terminate: id", NO_NAMES, ({ sessions }, bad) => sessions.terminate(bad)],
  ["list: limit", NO_COUNTS, ({ sessions }, bad) => sessions.list("", { limit: bad })],
  ["sweep: limit", NO_COUNTS, ({ sessions }, bad) => sessions.sweep(bad)],
  ["heartbeat: node", NO_NAMES, ({ nodes }, bad) => nodes.heartbeat(bad, 1)],
  ["heartbeat: ttl", NO_COUNTS, ({ nodes }, bad) => nodes.heartbeat("n", bad)],
  ["isAlive: node", NO_NAMES, ({ nodes }, bad) => nodes.isAlive(bad)],
];

describe("guardStore (G8)", () => {
  it.each(WITH_READY)("%s passes the answer on", async (_, call) => {
    const { guarded } = storeThat(() => undefined);
    await expect(call(guarded)).resolves.toBeUndefined();
  });

  it("calls the inner store's method of the same name, once", async () => {
    for (const [method, call] of CALLS) {
      const { guarded, called } = storeThat(() => undefined);
      await call(guarded);
      expect(called).toEqual([method]);
    }
  });

  it("shows the inner store's capabilities", () => {
    expect(storeThat(nothing).guarded.capabilities).toEqual({ durable: true, shared: false });
  });

  it.each(WITH_READY)(
    "%s fails as STORE_UNAVAILABLE, with the cause, if the store throws",
    async (_, call) => {
      for (const cause of [new Error("disk on fire"), new TypeError("x is not a function"), "a string"]) {
        const { guarded } = storeThat(() => {
          throw cause;
        });
        const error = await call(guarded).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(DurableMcpError);
        expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", retryable: true, cause });
        expect((error as Error).message).toContain(cause instanceof Error ? cause.message : cause);
      }
    },
  );

  it.each(WITH_READY)("%s passes on an error that says itself what it is", async (_, call) => {
    const full = new DurableMcpError("STORE_FULL", "no room");
    const { guarded } = storeThat(() => {
      throw full;
    });
    await expect(call(guarded)).rejects.toBe(full);
  });

  it.each(WITH_READY)("%s rejects with STORE_CLOSED from the call of close on", async (_, call) => {
    const { inner, called, guarded } = storeThat(nothing);
    const closing = guarded.close();
    await expect(call(guarded)).rejects.toMatchObject({ code: "STORE_CLOSED", retryable: false });
    await closing;
    await expect(call(guarded)).rejects.toMatchObject({ code: "STORE_CLOSED" });
    await guarded.close();
    expect(inner.close).toHaveBeenCalledTimes(1);
    expect(called).toEqual([]);
  });

  it.each(MISTAKES)(
    "%s: a wrong value is a TypeError, and the store is not asked",
    async (_, values, call) => {
      for (const bad of values) {
        const { guarded, called } = storeThat(nothing);
        await expect(call(guarded, bad as never), `${bad}`).rejects.toThrow(TypeError);
        expect(called).toEqual([]);
      }
    },
  );

  it("an append of nothing that ends the stream is no mistake", async () => {
    const { guarded, called } = storeThat(() => ({ outcome: "ok", last: 0 }));
    expect(await guarded.log.append(KEY, [], { end: true })).toEqual({ outcome: "ok", last: 0 });
    expect(called).toEqual(["log.append"]);
  });

  it("watch and subscribe do nothing for a signal that was aborted before", async () => {
    const { guarded, called } = storeThat(nothing);
    await guarded.log.watch(KEY, nothing, AbortSignal.abort());
    await guarded.changes.subscribe(nothing, { onGap: nothing, signal: AbortSignal.abort() });
    expect(called).toEqual([]);
  });
});
