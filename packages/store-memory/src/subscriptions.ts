/** What one store handle has registered with its backend. Each ends with its signal, all end with the handle. */
export class Subscriptions {
  readonly #ends = new Set<() => void>();

  /** Returns: a function that forgets the subscription, for when its cause is gone */
  add(signal: AbortSignal, stop: () => void): () => void {
    const forget = () => {
      this.#ends.delete(end);
      signal.removeEventListener("abort", end);
    };
    const end = () => {
      forget();
      stop();
    };
    this.#ends.add(end);
    signal.addEventListener("abort", end);
    return forget;
  }

  endAll(): void {
    for (const end of [...this.#ends]) end();
  }
}
