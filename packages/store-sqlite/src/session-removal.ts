import type { SessionCounts } from "./session-counts.js";
import type { RemovableSession, SessionTable } from "./session-table.js";
import type { RowBudget, StreamPurge } from "./stream-purge.js";

/** Removes sessions with their streams: from sight at once, from the file as far as the budget goes. */
export class SessionRemoval {
  readonly #sessions: SessionTable;
  readonly #counts: SessionCounts;
  readonly #purge: StreamPurge;

  constructor(sessions: SessionTable, counts: SessionCounts, purge: StreamPurge) {
    this.#sessions = sessions;
    this.#counts = counts;
    this.#purge = purge;
  }

  /** Returns: whether nothing is left of the session; if not, the budget is spent, and the sweep does the rest */
  remove(session: RemovableSession, budget: RowBudget): boolean {
    const isEmpty = this.#purge.session(session.pk, budget);
    if (session.id !== null) this.#counts.subtract(session.principal);
    if (isEmpty) {
      this.#sessions.delete(session.pk);
      budget.left -= 1;
    } else if (session.id !== null) {
      this.#sessions.retire(session.pk);
    }
    return isEmpty;
  }
}
