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
    await this.#subscriber.listen(this.#channel, {
      onMessage: (message) => {
        const change: Change = JSON.parse(message);
        for (const subscription of this.#subscriptions) subscription.listener(change);
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
