import type { Change, ChangeBus } from "@durable-mcp/contract";
import type { MemoryBackend } from "./memory-backend.js";
import type { Subscriptions } from "./subscriptions.js";

/** Changes among the stores of one backend. None is ever missed, so `onGap` is never called. */
export class MemoryChangeBus implements ChangeBus {
  readonly #backend: MemoryBackend;
  readonly #subscriptions: Subscriptions;

  constructor(backend: MemoryBackend, subscriptions: Subscriptions) {
    this.#backend = backend;
    this.#subscriptions = subscriptions;
  }

  async publish({ topic, payload }: Change): Promise<void> {
    const change = Object.freeze({ topic, payload });
    for (const listener of this.#backend.changeListeners) listener(change);
  }

  async subscribe(
    listener: (change: Change) => void,
    { signal }: { readonly onGap: () => void; readonly signal: AbortSignal },
  ): Promise<void> {
    let stopped = false;
    // After the publisher's turn, so that a listener's code never runs inside, nor fails, a publish.
    const deliver = (change: Change) => queueMicrotask(() => stopped || listener(change));
    this.#backend.changeListeners.add(deliver);
    this.#subscriptions.add(signal, () => {
      stopped = true;
      this.#backend.changeListeners.delete(deliver);
    });
  }
}
