import type { SessionRecord, Store } from "@durable-mcp/contract";
import { onTestFinished } from "vitest";
import { createRedisStore, type RedisStoreOptions } from "../src/index.js";

/** A store that is closed with the test, on keys of its own unless told otherwise. */
export function openStore(options: RedisStoreOptions): Store {
  const store = createRedisStore({ keyPrefix: `${crypto.randomUUID()}:`, ...options });
  onTestFinished(() => store.close());
  return store;
}

export async function createSession(
  store: Store,
  { id, ttlMs = 60_000 }: { readonly id?: string; readonly ttlMs?: number } = {},
): Promise<SessionRecord> {
  const created = await store.sessions.create(
    { id: id ?? crypto.randomUUID(), principal: "ann", nodeId: "node", shape: {}, state: {} },
    { ttlMs, maxPerPrincipal: 100_000, maxTotal: 100_000 },
  );
  if (created.outcome !== "ok") throw new Error(created.outcome);
  return created.record;
}

export function message(payload: string) {
  return { kind: "message", payload } as const;
}

/** Everything that a stream holds. */
export async function payloads(store: Store, sessionId: string, streamId = "g"): Promise<readonly string[]> {
  const page = await store.log.read({ sessionId, streamId }, 0, { events: 1_000, bytes: 10_000_000 });
  if (page.outcome !== "page") throw new Error(page.outcome);
  return page.events.map(({ payload }) => payload);
}
