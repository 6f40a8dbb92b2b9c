import { DurableMcpError, type Retention, type Store } from "@durable-mcp/contract";
import { createMemoryStore, type MemoryBackend } from "@durable-mcp/store-memory";

type Operation = keyof Store["log"] | keyof Store["sessions"] | keyof Store["nodes"];

/** A memory store that fails or waits on command. */
export class ControlledStore {
  readonly store: Store;
  /** The same data, never in anybody's way. */
  readonly inner: Store;
  /** Operations that were begun, in order. */
  readonly begun: Operation[] = [];
  readonly #failing = new Set<Operation>();
  readonly #failingOnce = new Set<Operation>();
  readonly #resultGates = new Map<Operation, Promise<void>>();
  readonly #gates = new Map<Operation, Promise<void>>();

  constructor(
    options: {
      readonly retention?: Partial<Retention>;
      readonly now?: () => number;
      readonly backend?: MemoryBackend;
    } = {},
  ) {
    this.inner = createMemoryStore(options);
    this.store = {
      ...this.inner,
      log: this.#control(this.inner.log),
      sessions: this.#control(this.inner.sessions),
      nodes: this.#control(this.inner.nodes),
    };
  }

  /** From now on these operations reject with STORE_UNAVAILABLE; without any, all that write do. */
  fail(...operations: readonly Operation[]): void {
    const writes: readonly Operation[] = [
      "append",
      "trim",
      "create",
      "update",
      "touch",
      "claim",
      "terminate",
    ];
    for (const operation of operations.length > 0 ? operations : writes) this.#failing.add(operation);
  }

  /** The next of these operations rejects with STORE_UNAVAILABLE; those after it are not concerned. */
  failOnce(operation: Operation): void {
    this.#failingOnce.add(operation);
  }

  recover(): void {
    this.#failing.clear();
  }

  /** From now on what the operation has found out is held back. Returns: a function that lets everything go on */
  holdResult(operation: Operation): () => void {
    let release = () => {};
    this.#resultGates.set(
      operation,
      new Promise((resolve) => {
        release = resolve;
      }),
    );
    return () => {
      this.#resultGates.delete(operation);
      release();
    };
  }

  /** From now on the operation waits. Returns: a function that lets everything go on */
  hold(operation: Operation): () => void {
    let release = () => {};
    this.#gates.set(
      operation,
      new Promise((resolve) => {
        release = resolve;
      }),
    );
    return () => {
      this.#gates.delete(operation);
      release();
    };
  }

  #control<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const method = object[name as keyof T];
        if (typeof method !== "function") return method;
        return async (...args: unknown[]) => {
          const operation = name as Operation;
          this.begun.push(operation);
          await this.#gates.get(operation);
          const fails = this.#failingOnce.delete(operation) || this.#failing.has(operation);
          if (fails) throw new DurableMcpError("STORE_UNAVAILABLE", "The store is down.");
          const result = await method.apply(object, args);
          await this.#resultGates.get(operation);
          return result;
        };
      },
    });
  }
}
