/** Runs the steps of one name one after the other, those of different names at once. */
export class SerialSteps {
  readonly #last = new Map<string, Promise<unknown>>();

  run<T>(name: string, step: () => Promise<T>): Promise<T> {
    const result = (this.#last.get(name) ?? Promise.resolve()).then(step);
    const settled = result
      .catch(() => {})
      .then(() => {
        if (this.#last.get(name) === settled) this.#last.delete(name);
      });
    this.#last.set(name, settled);
    return result;
  }
}
