import type { Change, ChangeBus } from "@durable-mcp/contract";

/** Changes within this process, the only one that uses the file. None is ever missed, so `onGap` is never called. */
export class LocalChangeBus implements ChangeBus {
  readonly #stops = new Map<(change: Change) => void, () => void>();

  async publish({ topic, payload }: Change): Promise<void> {
    const change = Object.freeze({ topic, payload });
    for (const deliver of this.#stops.keys()) deliver(change);
  }

  async subscribe(
    listener: (change: Change) => void,
    { signal }: { readonly onGap: () => void; readonly signal: AbortSignal },
  ): Promise<void> {
    let isStopped = false;
    // After the publisher's turn, so that a listener's code never runs inside, nor fails, a publish.
    const deliver = (change: Change) => queueMicrotask(() => isStopped || listener(change));
    const stop = () => {
      isStopped = true;
      this.#stops.delete(deliver);
      signal.removeEventListener("abort", stop);
    };
    this.#stops.set(deliver, stop);
    signal.addEventListener("abort", stop);
  }

  close(): void {
    for (const stop of this.#stops.values()) stop();
  }
}
