import assert from "node:assert/strict";
import type {
  AppendOptions,
  CreateOptions,
  EventInput,
  NewSession,
  ReadLimits,
  ReadResult,
  SessionRecord,
  Store,
  StoredEvent,
  StreamKey,
  TakeResult,
} from "@durable-mcp/contract";

/** A time that no case outlives. */
export const LONG_MS = 600_000;
/** A time to let pass, long enough that commands to a real server fit in half of it. */
export const SHORT_MS = 400;
/** Limits that no case reaches. */
export const ALL: ReadLimits = { events: 100_000, bytes: 1024 * 1024 * 1024 };

export function message(payload: string): EventInput {
  return { kind: "message", payload };
}

export function final(payload: string): EventInput {
  return { kind: "message", payload, final: true };
}

/** `count` payloads that tell their position. */
export function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
}

export function keyOf(session: { readonly id: string }, streamId = "stream"): StreamKey {
  return { sessionId: session.id, streamId };
}

type SessionWishes = Partial<NewSession & CreateOptions>;

/** Tries to create a session; what is not wished for is harmless. */
export function tryCreate(store: Store, wishes: SessionWishes = {}) {
  const {
    id = "session",
    principal = "alice",
    nodeId = "node-1",
    shape = {},
    state = {},
    ...bounds
  } = wishes;
  return store.sessions.create(
    { id, principal, nodeId, shape, state },
    { ttlMs: LONG_MS, maxPerPrincipal: 10_000, maxTotal: 100_000, ...bounds },
  );
}

export async function createSession(store: Store, wishes: SessionWishes = {}): Promise<SessionRecord> {
  const result = await tryCreate(store, wishes);
  assert.ok(result.outcome === "ok", `create: expected ok, got ${result.outcome}`);
  return result.record;
}

/** Appends what must be accepted. Strings are messages. Returns: the newest offset */
export async function append(
  store: Store,
  key: StreamKey,
  events: readonly (string | EventInput)[],
  options?: AppendOptions,
): Promise<number> {
  const inputs = events.map((event) => (typeof event === "string" ? message(event) : event));
  const result = await store.log.append(key, inputs, options);
  assert.ok(result.outcome === "ok", `append: expected ok, got ${result.outcome}`);
  return result.last;
}

/** Appends and says only how it went. */
export async function appendOutcome(
  store: Store,
  key: StreamKey,
  payload: string,
  options?: AppendOptions,
): Promise<string> {
  return (await store.log.append(key, [message(payload)], options)).outcome;
}

type Page = Extract<ReadResult, { outcome: "page" }>;
type Taken = Extract<TakeResult, { outcome: "ok" }>;

/** Reads what must be a page. */
export async function readPage(store: Store, key: StreamKey, after = 0, limits = ALL): Promise<Page> {
  const result = await store.log.read(key, after, limits);
  assert.ok(result.outcome === "page", `read after ${after}: expected a page, got ${JSON.stringify(result)}`);
  return result;
}

/** The payloads after `after`, which must be kept. */
export async function payloads(store: Store, key: StreamKey, after = 0): Promise<string[]> {
  return payloadsOf((await readPage(store, key, after)).events);
}

/** Takes what must be given to the owner, whose fence is 1 unless told otherwise. */
export async function takePage(store: Store, key: StreamKey, limits = ALL, fence = 1): Promise<Taken> {
  const result = await store.log.take(key, limits, fence);
  assert.ok(result.outcome === "ok", `take: expected ok, got ${result.outcome}`);
  return result;
}

/** As `takePage`, of the events only what they say. */
export async function take(store: Store, key: StreamKey, limits = ALL, fence = 1) {
  const { events, more } = await takePage(store, key, limits, fence);
  return { payloads: payloadsOf(events), more };
}

export function payloadsOf(events: readonly StoredEvent[]): string[] {
  return events.map((event) => event.payload);
}

export function offsetsOf(events: readonly StoredEvent[]): number[] {
  return events.map((event) => event.offset);
}

/** Asserts that the store has never heard of the stream. */
export async function assertUnknown(store: Store, key: StreamKey): Promise<void> {
  assert.deepEqual(await store.log.read(key, 0, ALL), { outcome: "unknown" }, "read");
  assert.deepEqual(await store.log.read(key, 1, ALL), { outcome: "unknown" }, "read after 1");
  assert.equal(await store.log.head(key), undefined, "head");
  assert.deepEqual(await store.log.finals(key), [], "finals");
}

/** Sweeps until there is nothing more to do. */
export async function sweepAll(store: Store, limit = 100): Promise<void> {
  for (let step = 0; step < 10_000; step += 1) {
    if (!(await store.sessions.sweep(limit)).more) return;
  }
  assert.fail("sweep: there was more to do after 10,000 steps");
}

/** Waits until `condition` holds. For what another handle, or a callback, is told in its own time. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = 2_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (let delayMs = 0; !(await condition()); delayMs = Math.min(delayMs + 1, 20)) {
    assert.ok(Date.now() < deadline, `waited ${withinMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}

/** How often each value occurs. */
export function counted(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
