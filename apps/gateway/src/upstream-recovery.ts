import { backoffMs } from "./backoff.js";

/** How long a connection must have lasted for its loss to be the first in a row, in ms. */
const STEADY_MS = 60_000;

/**
 * How an upstream has fared: when a use may connect again, and when it is tried again by itself. A use connects at
 * once after a loss; by itself it does so later with each connection in a row that does not last.
 */
export class UpstreamRecovery {
  readonly #retry: () => void;
  #failures = 0;
  #losses = 0;
  #connectedAtMs = 0;
  #usableAtMs = 0;
  #retryAtMs = 0;
  #lastCause = "";
  #timer: NodeJS.Timeout | undefined;

  /** Shapes:  retry: called when it is time to try again, if that was scheduled */
  constructor(retry: () => void) {
    this.#retry = retry;
  }

  /** Attempts to connect that have failed since it was last connected. */
  get failures(): number {
    return this.#failures;
  }

  /** Why the last attempt failed. */
  get lastCause(): string {
    return this.#lastCause;
  }

  /** Time in ms that uses are still to leave it alone; 0 = it may be connected. */
  get retryAfterMs(): number {
    return Math.max(0, this.#usableAtMs - Date.now());
  }

  connected(): void {
    this.stop();
    this.#failures = 0;
    this.#connectedAtMs = Date.now();
  }

  failed(cause: string): void {
    this.#failures += 1;
    this.#lastCause = cause;
    this.#usableAtMs = Date.now() + backoffMs(this.#failures);
    this.#retryAtMs = this.#usableAtMs;
  }

  lost(): void {
    const wasSteady = Date.now() - this.#connectedAtMs >= STEADY_MS;
    this.#losses = wasSteady ? 1 : this.#losses + 1;
    this.#usableAtMs = 0;
    this.#retryAtMs = Date.now() + backoffMs(this.#losses);
  }

  /** Has it tried again when it is time; scheduling twice is scheduling once. */
  schedule(): void {
    this.stop();
    this.#timer = setTimeout(this.#retry, Math.max(0, this.#retryAtMs - Date.now())).unref();
  }

  /** Takes that back. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}
