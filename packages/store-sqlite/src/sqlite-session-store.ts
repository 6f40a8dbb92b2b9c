import type {
  CreateOptions,
  JsonObject,
  NewSession,
  QuotaRefusal,
  SessionRecord,
  SessionStore,
} from "@durable-mcp/contract";
import { toJsonValues } from "./session-table.js";
import type { StreamWatchers } from "./stream-watchers.js";
import type { Sweeper } from "./sweeper.js";
import type { Tables } from "./tables.js";

/** Rows that ending a session deletes at once; the sweep deletes the rest. */
const ROWS_AT_ONCE = 1_000;

/** The sessions of a file. Writes go through the queue; reads see what is committed. */
export class SqliteSessionStore implements SessionStore {
  readonly #tables: Tables;
  readonly #sweeper: Sweeper;
  readonly #watchers: StreamWatchers;
  readonly #now: () => number;

  constructor(tables: Tables, sweeper: Sweeper, watchers: StreamWatchers, now: () => number) {
    this.#tables = tables;
    this.#sweeper = sweeper;
    this.#watchers = watchers;
    this.#now = now;
  }

  create(
    { id, principal, nodeId, shape, state }: NewSession,
    options: CreateOptions,
  ): Promise<{ outcome: "ok"; record: SessionRecord } | { outcome: "exists" } | QuotaRefusal> {
    const { queue, sessions, counts, removal } = this.#tables;
    const json = toJsonValues({ shape, state });
    return queue.write(
      () => {
        const nowMs = this.#now();
        if (sessions.get(id, nowMs)) return { outcome: "exists" };
        const scope = this.#exceeded(principal, options, nowMs);
        if (scope) return { outcome: "quota", scope };
        const expired = sessions.expiredUnder(id, nowMs);
        if (expired) removal.remove(expired, { left: ROWS_AT_ONCE });
        const record = sessions.insert({ id, principal, nodeId }, json, nowMs, nowMs + options.ttlMs);
        counts.add(principal);
        return { outcome: "ok", record };
      },
      {
        afterCommit: ({ outcome }) => {
          // Whoever still watches a session of that id watches one that has expired.
          if (outcome === "ok") this.#watchers.wakeAndRemove(id);
        },
      },
    );
  }

  async get(id: string): Promise<SessionRecord | undefined> {
    return this.#tables.health.read(() => this.#tables.sessions.get(id, this.#now())?.record);
  }

  update(
    id: string,
    expected: { readonly fence: number; readonly version?: number },
    change: { readonly shape?: JsonObject; readonly state?: JsonObject },
  ): Promise<
    | { outcome: "ok"; record: SessionRecord }
    | { outcome: "fenced" }
    | { outcome: "conflict"; record: SessionRecord }
    | { outcome: "gone" }
  > {
    const { queue, sessions } = this.#tables;
    const json = toJsonValues(change);
    return queue.write(() => {
      const found = sessions.get(id, this.#now());
      if (!found) return { outcome: "gone" };
      const { record } = found;
      if (record.fence !== expected.fence) return { outcome: "fenced" };
      const isOtherVersion = expected.version !== undefined && expected.version !== record.version;
      if (isOtherVersion) return { outcome: "conflict", record };
      return { outcome: "ok", record: sessions.replace(found, json) };
    });
  }

  touch(id: string, ttlMs: number): Promise<{ outcome: "ok" | "gone" }> {
    const { queue, sessions } = this.#tables;
    return queue.write(
      () => {
        const nowMs = this.#now();
        return { outcome: sessions.touch(id, nowMs + ttlMs, nowMs) ? "ok" : "gone" };
      },
      { mayUseReserve: true },
    );
  }

  claim(
    id: string,
    expectedFence: number,
    nodeId: string,
  ): Promise<
    | { outcome: "ok"; record: SessionRecord }
    | { outcome: "lost"; record: SessionRecord }
    | { outcome: "gone" }
  > {
    const { queue, sessions } = this.#tables;
    return queue.write(
      () => {
        const found = sessions.get(id, this.#now());
        if (!found) return { outcome: "gone" };
        const { record } = found;
        if (record.fence !== expectedFence) return { outcome: "lost", record };
        return { outcome: "ok", record: sessions.setOwner(found, expectedFence + 1, nodeId) };
      },
      { mayUseReserve: true },
    );
  }

  release(id: string, fence: number): Promise<{ outcome: "ok" | "fenced" | "gone" }> {
    const { queue, sessions } = this.#tables;
    return queue.write(
      () => {
        const found = sessions.get(id, this.#now());
        if (!found) return { outcome: "gone" };
        if (found.record.fence !== fence) return { outcome: "fenced" };
        sessions.setOwner(found, fence, "");
        return { outcome: "ok" };
      },
      { mayUseReserve: true },
    );
  }

  terminate(id: string, fence?: number): Promise<{ outcome: "ok" | "fenced" | "gone" }> {
    const { queue, sessions, removal } = this.#tables;
    return queue.write(
      () => {
        const found = sessions.get(id, this.#now());
        if (!found) return { outcome: "gone" };
        if (fence !== undefined && fence !== found.record.fence) return { outcome: "fenced" };
        removal.remove({ pk: found.pk, id, principal: found.record.principal }, { left: ROWS_AT_ONCE });
        return { outcome: "ok" };
      },
      {
        mayUseReserve: true,
        afterCommit: ({ outcome }) => {
          if (outcome === "ok") this.#watchers.wakeAndRemove(id);
        },
      },
    );
  }

  async list(
    principal: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<{ sessions: readonly SessionRecord[]; next?: string }> {
    // The cursor is the number of the last session of the page before: what is created later has higher ones.
    // One that no page ever gave out is not a number, and nothing is below it.
    const below = page.cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(page.cursor);
    if (!Number.isSafeInteger(below)) return { sessions: [] };
    const found = this.#tables.health.read(() =>
      this.#tables.sessions.list(principal, below, this.#now(), page.limit + 1),
    );
    const sessions = found.slice(0, page.limit);
    const last = sessions.at(-1);
    const records = sessions.map(({ record }) => record);
    return found.length > page.limit && last
      ? { sessions: records, next: String(last.pk) }
      : { sessions: records };
  }

  sweep(limit: number): Promise<{ more: boolean }> {
    return this.#sweeper.sweep(limit);
  }

  #exceeded(principal: string, options: CreateOptions, nowMs: number): "principal" | "total" | undefined {
    const { counts } = this.#tables;
    if (counts.isPrincipalFull(principal, options.maxPerPrincipal, nowMs)) return "principal";
    return counts.isTotalFull(options.maxTotal, nowMs) ? "total" : undefined;
  }
}
