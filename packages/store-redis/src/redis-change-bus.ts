import type { Change, ChangeBus } from "@durable-mcp/contract";
import type { Keys } from "./keys.js";
import { PUBLISH } from "./lua-nodes.js";
import type { RedisConnection } from "./redis-connection.js";
import { script } from "./script.js";
import type { Subscriber } from "./subscriber.js";

const PUBLISHING = script(PUBLISH);

interface Subscription {
  readonly listener: (change: Change) => void;
  readonly onGap: () => void;
}

/** Changes are published on one channel. What a broken connection may have missed is told by `onGap`. */
export class RedisChangeBus implements ChangeBus {
  readonly #connection: RedisConnection;
  readonly #channel: string;
  readonly #subscriber: Subscriber;
  readonly #subscriptions = new Set<Subscription>();

  constructor(connection: RedisConnection, keys: Keys, subscriber: Subscriber) {
    this.#connection = connection;
    this.#channel = keys.changes;
    this.#subscriber = subscriber;
  }

  async publish({ topic, payload }: Change): Promise<void> {
    await this.#connection.run(PUBLISHING, this.#channel, [JSON.stringify({ topic, payload })]);
  }

  async subscribe(
    listener: (change: Change) => void,
    { onGap, signal }: { readonly onGap: () => void; readonly signal: AbortSignal },
  ): Promise<void> {
    await this.#subscriber.listen(this.#connection.channel(this.#channel), {
      onMessage: (message) => {
        const change = changeOf(message);
        // After this turn: a listener that throws must not keep it from the others, nor from the connection's own work.
        for (const subscription of this.#subscriptions) {
          queueMicrotask(() => {
            if (!this.#subscriptions.has(subscription)) return;
            if (change) subscription.listener(change);
            else subscription.onGap();
          });
        }
      },
      onGap: () => {
        for (const subscription of this.#subscriptions) subscription.onGap();
      },
    });
    if (signal.aborted) return;
    const subscription = { listener, onGap };
    this.#subscriptions.add(subscription);
    signal.addEventListener("abort", () => this.#subscriptions.delete(subscription), { once: true });
  }
}

/** Undefined for what no store has published. */
function changeOf(message: string): Change | undefined {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
