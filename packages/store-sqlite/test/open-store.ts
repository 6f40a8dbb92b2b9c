import type { EventInput, SessionRecord, Store, StoredEvent, StreamKey } from "@durable-mcp/contract";
import { expect, onTestFinished } from "vitest";
import { createSqliteStore, type SqliteStoreOptions } from "../src/index.js";

/** Opens a store that is closed after the test, if not before. */
export function openStore(options: SqliteStoreOptions): Store {
  const store = createSqliteStore(options);
  onTestFinished(() => store.close());
  return store;
}

const BOUNDS = { ttlMs: 600_000, maxPerPrincipal: 1_000_000, maxTotal: 1_000_000 };

export async function createSession(store: Store, id: string, ttlMs = BOUNDS.ttlMs): Promise<SessionRecord> {
  const session = { id, principal: "alice", nodeId: "node-1", shape: {}, state: {} };
  const result = await store.sessions.create(session, { ...BOUNDS, ttlMs });
  if (result.outcome !== "ok") throw new Error(`create: ${result.outcome}`);
  return result.record;
}

export function keyOf(sessionId: string, streamId = "stream"): StreamKey {
  return { sessionId, streamId };
}

/** `count` messages with payloads of `bytes` bytes. */
export function messages(count: number, bytes = 300): EventInput[] {
  return Array.from({ length: count }, () => ({ kind: "message", payload: "x".repeat(bytes) }));
}

/** Reads a stream to its end, page by page. */
export async function readAll(store: Store, key: StreamKey): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (;;) {
    const page = await store.log.read(key, events.length, { events: 500, bytes: 1024 * 1024 });
    if (page.outcome !== "page") throw new Error(`read after ${events.length}: ${page.outcome}`);
    if (page.events.length === 0) return events;
    events.push(...page.events);
  }
}

/** Sweeps until there is nothing more to do. Returns: the number of steps */
export async function sweepAll(store: Store, limit = 100): Promise<number> {
  for (let steps = 1; ; steps += 1) {
    if (!(await store.sessions.sweep(limit)).more) return steps;
  }
}

/** What an operation, or opening a store, threw. */
export async function thrownBy(operation: () => unknown): Promise<{ code?: string; message: string }> {
  try {
    await operation();
  } catch (error) {
    return error as Error;
  }
  return expect.fail("it was expected to throw");
}
