import type { StreamKey } from "@durable-mcp/contract";
import { type Keys, nameOf } from "./keys.js";
import { UNWATCH, WATCH } from "./lua-session.js";
import type { RedisConnection } from "./redis-connection.js";
import { script } from "./script.js";
import { fromStored } from "./stored-text.js";
import type { Subscriber } from "./subscriber.js";

const SCRIPTS = { watch: script(WATCH), unwatch: script(UNWATCH) };

/** How long in ms a session remembers a channel that nobody renews. */
const LEASE_MS = 60_000;
const RENEW_MS = 20_000;
/** How often in ms it is seen to what is due: registrations, sessions that expire, a connection that is down. */
const TICK_MS = 500;

/** One `watch`. Wakes after the appender's turn, so that a reader's code never runs inside, nor fails, an append. */
class Watcher {
  #scheduled = false;
  stopped = false;

  constructor(readonly callback: () => void) {}

  wake(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (!this.stopped) this.callback();
    });
  }
}

interface Watched {
  readonly id: string;
  /** By stream. */
  readonly streams: Map<string, Set<Watcher>>;
  registered: Promise<void>;
  wasRegistered: boolean;
  /** The session was there when it was last looked at. */
  isLive: boolean;
  dueAtMs: number;
}

/**
 * Who of this handle watches which stream. Other handles' appends come as messages on the handle's own channel, which is
 * registered with each session that is watched; its own appends wake at once, without a message.
 */
export class WakeUps {
  readonly channel: string;
  readonly #connection: RedisConnection;
  readonly #keys: Keys;
  readonly #subscriber: Subscriber;
  readonly #now: () => number;
  /** By the session's name. */
  readonly #sessions = new Map<string, Watched>();
  /** Registrations that are being taken back: the next one must not be overtaken by that. */
  readonly #unwatching = new Map<string, Promise<unknown>>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #checking: Promise<void> | undefined;

  constructor(connection: RedisConnection, keys: Keys, subscriber: Subscriber, now: () => number = Date.now) {
    this.channel = keys.wakeUps(crypto.randomUUID());
    this.#connection = connection;
    this.#keys = keys;
    this.#subscriber = subscriber;
    this.#now = now;
  }

  /** Errors:  STORE_UNAVAILABLE */
  async add({ sessionId, streamId }: StreamKey, wake: () => void, signal: AbortSignal): Promise<void> {
    const watched = this.#watched(sessionId);
    const watchers = watched.streams.get(streamId) ?? new Set();
    watched.streams.set(streamId, watchers);
    const watcher = new Watcher(wake);
    watchers.add(watcher);
    const stop = () => {
      watcher.stopped = true;
      watchers.delete(watcher);
      if (watchers.size === 0 && watched.streams.get(streamId) === watchers) watched.streams.delete(streamId);
      if (watched.streams.size === 0) this.#forget(watched);
    };
    signal.addEventListener("abort", stop, { once: true });
    try {
      await watched.registered;
    } catch (error) {
      signal.removeEventListener("abort", stop);
      stop();
      throw error;
    }
  }

  /** Something was appended to a stream. */
  wake({ sessionId, streamId }: StreamKey): void {
    wakeAllOf(this.#sessions.get(nameOf(sessionId))?.streams.get(streamId));
  }

  /** The session has ended: its watchers are woken for the last time. */
  end(sessionId: string): void {
    const watched = this.#sessions.get(nameOf(sessionId));
    if (!watched) return;
    this.#wakeAll(watched);
    this.#sessions.delete(nameOf(sessionId));
  }

  /** Sees to what is due, unless that is being done already. */
  async check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #check(): Promise<void> {
    if (!this.#subscriber.isUp) {
      // To try to reach a Redis that is away, for many sessions, is a lot of work in vain.
      for (const watched of this.#sessions.values()) this.#wakeAll(watched);
      return;
    }
    const nowMs = this.#now();
    const due = [...this.#sessions.values()].filter(({ dueAtMs }) => dueAtMs <= nowMs);
    await Promise.all(due.map((watched) => this.#renew(watched)));
  }

  close(): void {
    clearInterval(this.#timer);
    this.#sessions.clear();
  }

  #watched(id: string): Watched {
    const known = this.#sessions.get(nameOf(id));
    if (known) return known;
    const watched: Watched = {
      id,
      streams: new Map(),
      registered: Promise.resolve(),
      wasRegistered: false,
      isLive: false,
      dueAtMs: Number.POSITIVE_INFINITY,
    };
    this.#sessions.set(nameOf(id), watched);
    watched.registered = this.#register(watched);
    this.#timer ??= setInterval(() => void this.check().catch(() => {}), TICK_MS).unref();
    return watched;
  }

  async #register(watched: Watched): Promise<void> {
    const unwatching = this.#unwatching.get(nameOf(watched.id));
    if (unwatching) await unwatching;
    await this.#subscriber.listen(this.channel, {
      onMessage: (message) => this.#heard(message),
      // Registrations may be lost, too, with the Redis that had them.
      onGap: () => {
        for (const one of this.#sessions.values()) {
          one.dueAtMs = 0;
          this.#wakeAll(one);
        }
      },
    });
    await this.#renew(watched);
  }

  async #renew(watched: Watched): Promise<void> {
    const key = this.#keys.session(watched.id);
    const reply = await this.#connection.run(SCRIPTS.watch, key, [this.channel, LEASE_MS]);
    const [added, left] = reply as readonly [number, number];
    // Redis, or this process by a long pause, has lost the registration: what was appended meanwhile woke nobody.
    if (added === 1 && watched.wasRegistered) this.#wakeAll(watched);
    watched.wasRegistered = true;
    watched.dueAtMs = this.#now() + (left > 0 ? Math.min(left, RENEW_MS) : RENEW_MS);
    const hasEnded = watched.isLive && left < 0;
    watched.isLive = left >= 0;
    if (hasEnded) this.end(watched.id);
  }

  #forget(watched: Watched): void {
    if (this.#sessions.get(nameOf(watched.id)) !== watched) return;
    this.#sessions.delete(nameOf(watched.id));
    // What is not taken back runs out.
    const key = this.#keys.session(watched.id);
    const name = nameOf(watched.id);
    const unwatching = Promise.resolve(this.#unwatching.get(name))
      .then(() => this.#connection.run(SCRIPTS.unwatch, key, [this.channel]))
      .catch(() => {})
      .finally(() => {
        if (this.#unwatching.get(name) === unwatching) this.#unwatching.delete(name);
      });
    this.#unwatching.set(name, unwatching);
  }

  /** Shapes:  message: the session's name and, after a space, the stored form of the stream's id; nothing = all */
  #heard(message: string): void {
    const space = message.indexOf(" ");
    const watched = this.#sessions.get(message.slice(0, space));
    const stream = message.slice(space + 1);
    if (!watched) return;
    if (stream === "") this.end(watched.id);
    else wakeAllOf(watched.streams.get(fromStored(stream)));
  }

  #wakeAll({ streams }: Watched): void {
    for (const watchers of streams.values()) wakeAllOf(watchers);
  }
}

function wakeAllOf(watchers: ReadonlySet<Watcher> | undefined): void {
  for (const watcher of watchers ?? []) watcher.wake();
}
