import type { Database } from "better-sqlite3";
import type { Health } from "./health.js";
import type { WriteQueue } from "./write-queue.js";

/** Pages given back in one step: some milliseconds' work. */
const PAGES_PER_STEP = 500;

/** Free pages are kept for the next writes up to this many, or this part of the file. */
const MIN_PAGES_KEPT = 64;
const PART_KEPT = 1 / 8;

/** Gives what deleted rows have left free in the file back to the file system. */
export class FileShrinker {
  readonly #db: Database;
  readonly #queue: WriteQueue;
  readonly #health: Health;

  constructor(db: Database, queue: WriteQueue, health: Health) {
    this.#db = db;
    this.#queue = queue;
    this.#health = health;
  }

  /** One small step. Returns: whether there is more to give back */
  async step(): Promise<boolean> {
    if (!this.#hasExcess()) return false;
    await this.#queue.write(
      () => {
        // At least one: none would mean all.
        const pages = Math.max(1, Math.min(this.#excess(), PAGES_PER_STEP));
        this.#db.pragma(`incremental_vacuum(${pages})`);
      },
      { mayUseReserve: true },
    );
    const hasMore = this.#hasExcess();
    // The file itself becomes smaller only when the WAL is copied into it.
    if (!hasMore && this.#db.open) this.#health.read(() => this.#db.pragma("wal_checkpoint(TRUNCATE)"));
    return hasMore;
  }

  #hasExcess(): boolean {
    // The store may be closed between two steps.
    return this.#db.open && this.#excess() > 0;
  }

  #excess(): number {
    return this.#health.read(() => {
      const free = Number(this.#db.pragma("freelist_count", { simple: true }));
      const pages = Number(this.#db.pragma("page_count", { simple: true }));
      return free - Math.max(MIN_PAGES_KEPT, Math.floor(pages * PART_KEPT));
    });
  }
}
