import type { Redis } from "ioredis";
import type { RedisConnection } from "./redis-connection.js";

/** How often in ms the server is asked whether it is still there. */
const PING_MS = 1_000;
const OPEN_AGAIN_MS = 100;

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
  #client: Redis | undefined;
  #closed = false;
  #timer: ReturnType<typeof setInterval> | undefined;

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
      subscribed = this.#connection.send(async () => this.#open().subscribe(channel));
      this.#subscribed.set(channel, subscribed);
      // The next one to listen tries again.
      subscribed.catch(() => this.#subscribed.delete(channel));
    }
    await subscribed;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#listeners.clear();
    this.#client?.disconnect();
  }

  #open(): Redis {
    if (this.#client) return this.#client;
    if (this.#closed) throw new Error("The store was closed.");
    const client = this.#connection.duplicate();
    this.#client = client;
    client.on("message", (channel: string, message: string) =>
      this.#listeners.get(channel)?.onMessage(message),
    );
    // It subscribes again by itself as soon as it is ready, before it pings; what was said meanwhile is lost.
    let hasGap = false;
    client.on("close", () => {
      hasGap = true;
    });
    const tell = () => {
      if (!hasGap) return;
      hasGap = false;
      for (const listener of this.#listeners.values()) listener.onGap();
    };
    client.on("ready", () => void client.ping().then(tell, () => {}));
    // It says nothing by itself: without a ping it would never find a connection that went silent.
    this.#timer ??= setInterval(() => {
      if (this.isUp) void this.#client?.ping().catch(() => {});
    }, PING_MS).unref();
    client.on("end", () => this.#openAgain());
    return client;
  }

  /** The connection has given up on its server: it may be another's turn. */
  #openAgain(): void {
    if (this.#closed) return;
    this.#client = undefined;
    setTimeout(async () => {
      if (this.#closed) return;
      try {
        await this.#open().subscribe(...this.#listeners.keys());
        for (const listener of this.#listeners.values()) listener.onGap();
      } catch {
        // One that was opened tells its end itself.
        if (!this.#client) this.#openAgain();
      }
    }, OPEN_AGAIN_MS).unref();
  }
}
