import { setTimeout as pause } from "node:timers/promises";
import { DurableMcpError } from "@durable-mcp/contract";
import { type Cluster, Redis } from "ioredis";
import { asStoreError, isUnknownScript, mayPass } from "./errors.js";
import type { RedisStoreSettings } from "./options.js";
import type { Script } from "./script.js";

/** Pause in ms between two attempts. */
const RETRY_MS = 50;

/** What a script is given and gives. */
export type Reply = string | number | readonly Reply[] | null;

/** The connection for commands, and what becomes of those that it fails. */
export class RedisConnection {
  readonly client: Redis | Cluster;
  readonly #own: boolean;
  readonly #timeoutMs: number;
  readonly #now: (() => number) | undefined;
  #closed = false;

  constructor({ url, client, timeoutMs, now }: RedisStoreSettings) {
    this.#own = client === undefined;
    this.client = client ?? new Redis(url as string, ownOptions(timeoutMs));
    if (this.#own) this.client.on("error", () => {});
    this.#timeoutMs = timeoutMs;
    this.#now = now;
  }

  /**
   * Runs a script on the keys of one slot: ARGV is the time, a token that names the call, and the arguments. Tries again
   * until the time is up where that may help; the scripts do what is sent to them twice only once.
   *
   * Errors:  STORE_UNAVAILABLE, STORE_FULL (retryable)
   */
  run(script: Script, key: string, args: readonly (string | number)[]): Promise<Reply> {
    const argv = [this.#now?.() ?? "", crypto.randomUUID(), ...args];
    return this.#attempts(async (isOver) => {
      try {
        return (await this.client.evalsha(script.sha, 1, key, ...argv)) as Reply;
      } catch (error) {
        if (isOver() || !isUnknownScript(error as Error)) throw error;
        return (await this.client.eval(script.lua, 1, key, ...argv)) as Reply;
      }
    });
  }

  /** Sends a command that may be sent twice. Errors as of `run` */
  send<T>(command: (client: Redis | Cluster) => Promise<T>): Promise<T> {
    return this.#attempts(() => command(this.client));
  }

  /**
   * One more connection to the same server, for messages that it pushes. It waits for the server, and subscribes again.
   * Of a cluster, to one of its masters, for as long as that one is there: ioredis's own subscriber of a cluster moves on
   * to another without a word of what was missed.
   *
   * Errors:  Error if the cluster has no master now
   */
  duplicate(): Redis {
    const waiting = {
      enableOfflineQueue: true,
      autoResendUnfulfilledCommands: true,
      maxRetriesPerRequest: null,
      socketTimeout: 2 * this.#timeoutMs,
      enableAutoPipelining: false,
    };
    let subscriber: Redis;
    if ("nodes" in this.client) {
      const masters = this.client.nodes("master");
      const master = masters[Math.floor(Math.random() * masters.length)];
      if (!master) throw new Error("No master of the Redis cluster can be reached.");
      subscriber = master.duplicate({ ...waiting, lazyConnect: false, retryStrategy: () => null });
    } else subscriber = this.client.duplicate(waiting);
    subscriber.on("error", () => {});
    return subscriber;
  }

  /** A channel's name as the scripts are given it: ioredis puts the client's own prefix before keys, not before channels. */
  channel(key: string): string {
    return `${this.client.options.keyPrefix ?? ""}${key}`;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#own) this.client.disconnect();
  }

  async #attempts<T>(attempt: (isOver: () => boolean) => Promise<T>): Promise<T> {
    const giveUpAtMs = performance.now() + this.#timeoutMs;
    const isOver = () => this.#closed || performance.now() >= giveUpAtMs;
    for (;;) {
      try {
        this.#checkIsUp();
        return await inTime(attempt(isOver), giveUpAtMs - performance.now());
      } catch (error) {
        const isLast = this.#closed || performance.now() + RETRY_MS >= giveUpAtMs;
        if (isLast || !mayPass(error as Error)) throw asStoreError(error as Error);
      }
      await pause(RETRY_MS);
    }
  }

  /** An application's client would queue what it cannot send, and send it long after it was given up. */
  #checkIsUp(): void {
    const { status } = this.client;
    if (status === "wait") this.client.connect().catch(() => {});
    if (status !== "ready") throw new Error(`The connection is not ready: ${status}`);
  }
}

/**
 * A command that was under way when the connection broke is not sent again behind our back, and none waits where nobody
 * sees it: `#attempts` does both, within its time.
 */
function ownOptions(timeoutMs: number) {
  return {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    enableAutoPipelining: true,
    connectTimeout: timeoutMs,
    // A connection that went silent is made anew: nobody else would notice for minutes.
    socketTimeout: 2 * timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: (times: number) => Math.min(50 * times, 500),
    reconnectOnError: (error: Error) => error.message.startsWith("READONLY"),
  };
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const error = new DurableMcpError("STORE_UNAVAILABLE", "Redis did not answer in time.");
    timer = setTimeout(() => reject(error), Math.max(1, ms));
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
