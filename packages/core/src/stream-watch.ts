import type { EventLog, StreamKey } from "@durable-mcp/contract";

/** Hears when something happens to a stream. Who listens may change, and nothing goes unnoticed in between. */
export class StreamWatch {
  readonly #stopped = new AbortController();
  #listener: (() => void) | undefined;
  #unheard = false;

  /** Returns: resolves when everything that happens from now on is heard of. Errors: STORE_UNAVAILABLE */
  start(log: EventLog, key: StreamKey): Promise<void> {
    return log.watch(key, () => this.wake(), this.#stopped.signal);
  }

  /** Something may have happened. */
  wake(): void {
    if (this.#listener) this.#listener();
    else this.#unheard = true;
  }

  /** Calls the listener from now on, and at once if something happened while nobody listened. */
  listen(listener: () => void): void {
    this.#listener = listener;
    if (!this.#unheard) return;
    this.#unheard = false;
    listener();
  }

  /** Keeps what happens for the next listener. */
  pause(): void {
    this.#listener = undefined;
  }

  stop(): void {
    this.#stopped.abort();
    this.#listener = () => {};
  }
}
