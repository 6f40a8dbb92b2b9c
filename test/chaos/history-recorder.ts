import type { HistoryEvent } from "./history.js";

type Untimed<Event> = Event extends unknown ? Omit<Event, "atMs"> : never;

/** Writes down what happens, with the time since the run began. */
export class HistoryRecorder {
  readonly events: HistoryEvent[] = [];
  readonly #startedAtMs = performance.now();
  #requests = 0;
  #faults = 0;

  get nowMs(): number {
    return Math.round(performance.now() - this.#startedAtMs);
  }

  record(event: Untimed<HistoryEvent>): void {
    this.events.push({ atMs: this.nowMs, ...event } as HistoryEvent);
  }

  /** A number for the next HTTP request. */
  nextRequest(): number {
    this.#requests += 1;
    return this.#requests;
  }

  /** A number for the next fault. */
  nextFault(): number {
    this.#faults += 1;
    return this.#faults;
  }
}
