import type { JsonObject, SessionStore } from "@durable-mcp/contract";
import { nameOf, type Principal } from "./principal.js";
import { parseShape } from "./session-shape.js";

/** Sessions read from the store at a time. */
const PAGE = 100;

/** A live session, as the application sees it in a list. */
export interface SessionEntry {
  readonly sessionId: string;
  /** Unix time in ms. */
  readonly createdAtMs: number;
  /** Query of the request that opened it. */
  readonly query: Readonly<Record<string, string>>;
  /** Headers of that request, as far as `storedHeaders` allows. */
  readonly headers: Readonly<Record<string, string>>;
  /** The application's own state, as `setState` has stored it. */
  readonly state: JsonObject;
}

/**
 * The principal's live sessions, newest first, on whatever node they are.
 *
 * Errors:  STORE_UNAVAILABLE (retryable)
 * Source:  G9
 */
export async function listSessions(
  sessions: SessionStore,
  principal: Principal | undefined,
): Promise<readonly SessionEntry[]> {
  const entries: SessionEntry[] = [];
  let cursor: { cursor?: string } | undefined = {};
  while (cursor) {
    const page: Awaited<ReturnType<SessionStore["list"]>> = await sessions.list(nameOf(principal), {
      limit: PAGE,
      ...cursor,
    });
    for (const { id, createdAtMs, shape, state } of page.sessions) {
      const { query, headers } = parseShape(shape);
      entries.push({ sessionId: id, createdAtMs, query, headers, state });
    }
    cursor = page.next === undefined ? undefined : { cursor: page.next };
  }
  return entries;
}
