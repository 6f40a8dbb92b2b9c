import type { EventTable } from "./event-table.js";
import type { StreamTable } from "./stream-table.js";

/** How many rows one step may still delete, so that no step holds up everybody else (G7). */
export interface RowBudget {
  left: number;
}

/** Streams of a session that are looked up at a time. */
const STREAMS_AT_A_TIME = 100;

/** Deletes rows that nobody can see any more, as far as a budget goes. */
export class StreamPurge {
  readonly #streams: StreamTable;
  readonly #events: EventTable;

  constructor(streams: StreamTable, events: EventTable) {
    this.#streams = streams;
    this.#events = events;
  }

  /** Returns: whether the stream is deleted; if not, the budget is spent */
  stream({ id, events }: { readonly id: number; readonly events: number }, budget: RowBudget): boolean {
    if (events < budget.left) {
      if (events > 0) this.#events.deleteAll(id);
      this.#streams.delete(id);
      budget.left -= events + 1;
      return true;
    }
    if (budget.left > 0 && events > 0) {
      const count = Math.min(budget.left, events);
      this.#events.deleteOldest(id, count);
      this.#streams.setEvents(id, events - count);
    }
    budget.left = 0;
    return false;
  }

  /** Returns: whether all streams of the session are deleted; if not, the budget is spent */
  session(session: number, budget: RowBudget): boolean {
    for (;;) {
      const streams = this.#streams.ofSession(session, STREAMS_AT_A_TIME);
      if (streams.length === 0) return true;
      for (const stream of streams) {
        if (!this.stream(stream, budget)) return false;
      }
    }
  }
}
