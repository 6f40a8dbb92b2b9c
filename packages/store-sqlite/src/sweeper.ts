import type { FileShrinker } from "./file-shrinker.js";
import type { RowBudget } from "./stream-purge.js";
import { FORGOTTEN, type StreamRow } from "./stream-table.js";
import type { StreamWatchers } from "./stream-watchers.js";
import type { Tables } from "./tables.js";

/** Rows that one step deletes at most: some milliseconds' work. */
const ROWS_PER_STEP = 2_000;

/** House-keeping in small steps: what has expired or aged is deleted, then the file is made smaller (G7). */
export class Sweeper {
  readonly #tables: Tables;
  readonly #shrinker: FileShrinker;
  readonly #watchers: StreamWatchers;
  readonly #now: () => number;

  constructor(tables: Tables, shrinker: FileShrinker, watchers: StreamWatchers, now: () => number) {
    this.#tables = tables;
    this.#shrinker = shrinker;
    this.#watchers = watchers;
    this.#now = now;
  }

  async sweep(limit: number): Promise<{ more: boolean }> {
    const { hasMore } = await this.#tables.queue.write(() => this.#step(limit), {
      mayUseReserve: true,
      afterCommit: ({ endedIds }) => {
        for (const id of endedIds) this.#watchers.wakeAndRemove(id);
      },
    });
    return { more: hasMore || (await this.#shrinker.step()) };
  }

  #step(limit: number): { hasMore: boolean; endedIds: readonly string[] } {
    const nowMs = this.#now();
    const budget: RowBudget = { left: ROWS_PER_STEP };
    const endedIds: string[] = [];
    const expired = this.#tables.sessions.expired(nowMs, limit + 1);
    for (const session of expired.slice(0, limit)) {
      if (budget.left <= 0) return { hasMore: true, endedIds };
      if (session.id !== null) endedIds.push(session.id);
      this.#tables.removal.remove(session, budget);
    }
    const aged = this.#tables.streams.aged(this.#tables.retention.agedUntilMs(nowMs), limit + 1);
    for (const stream of aged.slice(0, limit)) {
      if (budget.left <= 0) return { hasMore: true, endedIds };
      this.#age(stream, nowMs, budget);
    }
    const hasMore = expired.length > limit || aged.length > limit || budget.left <= 0;
    return { hasMore, endedIds };
  }

  #age(stream: StreamRow, nowMs: number, budget: RowBudget): void {
    if (stream.session === FORGOTTEN) this.#tables.purge.stream(stream, budget);
    else this.#tables.retention.age(stream, nowMs, budget);
  }
}
