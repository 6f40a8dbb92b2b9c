import type {
  CreateOptions,
  JsonObject,
  NewSession,
  QuotaRefusal,
  SessionRecord,
  SessionStore,
} from "@durable-mcp/contract";
import { frozenJson } from "./frozen-json.js";
import type { MemoryBackend } from "./memory-backend.js";
import type { MemorySession } from "./memory-session.js";

/** The sessions of a backend. No method awaits anything midway, which is what makes each one atomic. */
export class MemorySessionStore implements SessionStore {
  readonly #backend: MemoryBackend;

  constructor(backend: MemoryBackend) {
    this.#backend = backend;
  }

  async create(
    { id, principal, nodeId, shape, state }: NewSession,
    options: CreateOptions,
  ): Promise<{ outcome: "ok"; record: SessionRecord } | { outcome: "exists" } | QuotaRefusal> {
    if (this.#backend.session(id)) return { outcome: "exists" };
    const scope = this.#exceeded(principal, options);
    if (scope) return { outcome: "quota", scope };
    const createdAtMs = this.#backend.now();
    const record = Object.freeze({
      id,
      principal,
      nodeId,
      fence: 1,
      version: 1,
      createdAtMs,
      expiresAtMs: createdAtMs + options.ttlMs,
      shape: frozenJson(shape),
      state: frozenJson(state),
    });
    this.#backend.addSession(record);
    return { outcome: "ok", record };
  }

  async get(id: string): Promise<SessionRecord | undefined> {
    return this.#backend.session(id)?.record;
  }

  async update(
    id: string,
    expected: { readonly fence: number; readonly version?: number },
    change: { readonly shape?: JsonObject; readonly state?: JsonObject },
  ): Promise<
    | { outcome: "ok"; record: SessionRecord }
    | { outcome: "fenced" }
    | { outcome: "conflict"; record: SessionRecord }
    | { outcome: "gone" }
  > {
    const session = this.#backend.session(id);
    if (!session) return { outcome: "gone" };
    const { record } = session;
    if (record.fence !== expected.fence) return { outcome: "fenced" };
    if (expected.version !== undefined && expected.version !== record.version) {
      return { outcome: "conflict", record };
    }
    return {
      outcome: "ok",
      record: replace(session, {
        version: record.version + 1,
        ...(change.shape && { shape: frozenJson(change.shape) }),
        ...(change.state && { state: frozenJson(change.state) }),
      }),
    };
  }

  async touch(id: string, ttlMs: number): Promise<{ outcome: "ok" | "gone" }> {
    const session = this.#backend.session(id);
    if (!session) return { outcome: "gone" };
    const expiresAtMs = this.#backend.now() + ttlMs;
    if (expiresAtMs > session.record.expiresAtMs) replace(session, { expiresAtMs });
    return { outcome: "ok" };
  }

  async claim(
    id: string,
    expectedFence: number,
    nodeId: string,
  ): Promise<
    | { outcome: "ok"; record: SessionRecord }
    | { outcome: "lost"; record: SessionRecord }
    | { outcome: "gone" }
  > {
    const session = this.#backend.session(id);
    if (!session) return { outcome: "gone" };
    const { record } = session;
    if (record.fence !== expectedFence) return { outcome: "lost", record };
    return { outcome: "ok", record: replace(session, { fence: expectedFence + 1, nodeId }) };
  }

  async release(id: string, fence: number): Promise<{ outcome: "ok" | "fenced" | "gone" }> {
    const session = this.#backend.session(id);
    if (!session) return { outcome: "gone" };
    if (session.record.fence !== fence) return { outcome: "fenced" };
    replace(session, { nodeId: "" });
    return { outcome: "ok" };
  }

  async terminate(id: string, fence?: number): Promise<{ outcome: "ok" | "fenced" | "gone" }> {
    const session = this.#backend.session(id);
    if (!session) return { outcome: "gone" };
    if (fence !== undefined && fence !== session.record.fence) return { outcome: "fenced" };
    this.#backend.endSession(session);
    return { outcome: "ok" };
  }

  async list(
    principal: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<{ sessions: readonly SessionRecord[]; next?: string }> {
    // The cursor is the number of the last session of the page before: what is created later has higher ones.
    // One that no page ever gave out is not a number, and nothing is below it.
    let below = page.cursor === undefined ? Number.POSITIVE_INFINITY : Number(page.cursor);
    const sessions: MemorySession[] = [];
    for (;;) {
      const found = this.#backend.sessionsOf(principal)?.newestBelow(below, page.limit + 1) ?? [];
      for (const session of found) {
        below = session.number;
        if (!this.#backend.isLive(session)) continue;
        if (sessions.length === page.limit) {
          return { sessions: sessions.map(recordOf), next: String(sessions.at(-1)?.number) };
        }
        sessions.push(session);
      }
      if (found.length <= page.limit) return { sessions: sessions.map(recordOf) };
    }
  }

  async sweep(limit: number): Promise<{ more: boolean }> {
    const moreSessions = this.#backend.endExpired(limit);
    const moreStreams = this.#backend.ageStreams(limit);
    return { more: moreSessions || moreStreams };
  }

  #exceeded(principal: string, options: CreateOptions): "principal" | "total" | undefined {
    const exceeded = () => {
      if ((this.#backend.sessionsOf(principal)?.size ?? 0) >= options.maxPerPrincipal) return "principal";
      return this.#backend.sessionCount >= options.maxTotal ? "total" : undefined;
    };
    // Expired sessions do not count, but only a refusal is worth the work of removing them all.
    if (!exceeded()) return undefined;
    this.#backend.endExpired(Number.POSITIVE_INFINITY);
    return exceeded();
  }
}

function replace(session: MemorySession, change: Partial<SessionRecord>): SessionRecord {
  session.record = Object.freeze({ ...session.record, ...change });
  return session.record;
}

function recordOf(session: MemorySession): SessionRecord {
  return session.record;
}
