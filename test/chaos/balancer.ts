import type { SeededRandom } from "../support/seeded-random.js";

/** A node as the load balancer knows it. */
export interface Target {
  readonly name: string;
  /** Its MCP endpoint. */
  readonly url: string;
}

/** A load balancer without affinity: any request may go to any node that is thought to be ready. */
export class Balancer {
  readonly targets: readonly Target[];
  readonly #random: SeededRandom;
  readonly #notReady = new Set<string>();

  constructor(targets: readonly Target[], random: SeededRandom) {
    this.targets = targets;
    this.#random = random;
  }

  setReady(name: string, isReady: boolean): void {
    if (isReady) this.#notReady.delete(name);
    else this.#notReady.add(name);
  }

  isReady(name: string): boolean {
    return !this.#notReady.has(name);
  }

  /**
   * Picks a node at random. With none ready all are tried, as proxies do.
   *
   * Returns: undefined if all of them have been tried
   */
  pick(tried: ReadonlySet<string>): Target | undefined {
    const untried = this.targets.filter(({ name }) => !tried.has(name));
    const ready = untried.filter(({ name }) => this.isReady(name));
    return this.#random.shuffled(ready.length > 0 ? ready : untried)[0];
  }
}
