import type { Cluster, Redis } from "ioredis";
import type { RedisConnection } from "./redis-connection.js";

export interface ChannelListener {
  onMessage(message: string): void;
  /** Messages may have been missed. */
  onGap(): void;
}

/** The one connection by which Redis tells this handle of things, opened when something is first listened to. */
export class Subscriber {
  readonly #connection: RedisConnection;
  readonly #listeners = new Map<string, ChannelListener>();
  readonly #subscribed = new Map<string, Promise<unknown>>();
  #client: Redis | Cluster | undefined;

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  /** Whether messages come through now. */
  get isUp(): boolean {
    return this.#client?.status === "ready";
  }

  /** Resolves once every later message is certain to come, as long as the connection holds. One listener a channel. */
  async listen(channel: string, listener: ChannelListener): Promise<void> {
    this.#listeners.set(channel, listener);
    let subscribed = this.#subscribed.get(channel);
    if (!subscribed) {
      subscribed = this.#connection.inTime(this.#open().subscribe(channel));
      this.#subscribed.set(channel, subscribed);
      // The next one to listen tries again.
      subscribed.catch(() => this.#subscribed.delete(channel));
    }
    await subscribed;
  }

  close(): void {
    this.#listeners.clear();
    this.#client?.disconnect();
  }

  #open(): Redis | Cluster {
    if (this.#client) return this.#client;
    const client = this.#connection.duplicate();
    this.#client = client;
    client.on("message", (channel: string, message: string) =>
      this.#listeners.get(channel)?.onMessage(message),
    );
    // It subscribes again by itself, and is ready when it has; what was said meanwhile is lost.
    client.on("close", () => {
      client.once("ready", () => {
        for (const listener of this.#listeners.values()) listener.onGap();
      });
    });
    return client;
  }
}
