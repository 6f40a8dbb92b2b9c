import type { AppendOptions, EventInput, ReadLimits, Store, StreamKey } from "@durable-mcp/contract";

/** Limits that no test reaches. */
export const ALL: ReadLimits = { events: 100_000, bytes: 1_000_000_000 };

/** The text of a JSON-RPC notification that carries a number. */
export function numbered(n: number, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ n, jsonrpc: "2.0", method: "notifications/message", ...more });
}

/** Texts numbered from `first` to `last`, both included. */
export function range(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => numbered(first + index));
}

/** Creates a session. Returns: the key of one of its streams */
export async function createSession(store: Store, id: string): Promise<(streamId?: string) => StreamKey> {
  const session = { id, principal: "", nodeId: "node", shape: {}, state: {} };
  const { outcome } = await store.sessions.create(session, {
    ttlMs: 600_000,
    maxPerPrincipal: 1_000,
    maxTotal: 1_000,
  });
  if (outcome !== "ok") throw new Error(`create: ${outcome}`);
  return (streamId = "stream") => ({ sessionId: id, streamId });
}

/** Appends what must be accepted; texts are messages. */
export async function append(
  { log }: Store,
  key: StreamKey,
  events: readonly (string | EventInput)[],
  options?: AppendOptions,
): Promise<number> {
  const inputs = events.map((event) =>
    typeof event === "string" ? ({ kind: "message", payload: event } as const) : event,
  );
  const appended = await log.append(key, inputs, options);
  if (appended.outcome !== "ok") throw new Error(`append: ${appended.outcome}`);
  return appended.last;
}

/** Reads a stream as a connection does: page by page, until nothing more comes. Returns: the texts */
export async function readAll({ log }: Store, key: StreamKey, after = 0, limits = ALL): Promise<string[]> {
  const texts: string[] = [];
  for (let cursor = after; ; ) {
    const page = await log.read(key, cursor, limits);
    if (page.outcome !== "page") throw new Error(`read after ${cursor}: ${JSON.stringify(page)}`);
    for (const { offset, payload } of page.events) {
      if (offset !== cursor + 1) throw new Error(`After offset ${cursor} came ${offset}`);
      cursor = offset;
      texts.push(payload);
    }
    if (page.events.length === 0 || page.ended) return texts;
  }
}
