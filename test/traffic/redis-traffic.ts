import { createRedisStore } from "@durable-mcp/store-redis";
import { Redis } from "ioredis";
import { type EmittingEndpoint, startEmittingEndpoint } from "../support/emitting-endpoint.js";
import { RedisServer } from "../support/redis-server.js";
import type { SdkName } from "../support/sdk-table.js";

/** What has crossed the network to Redis, and what Redis has done for it. */
export interface Traffic {
  /** Scripts that were run: each of our operations is one, and one round trip. */
  readonly roundTrips: number;
  /** Bytes in both directions, messages that wake others included. */
  readonly bytes: number;
  /** Time in microseconds that Redis has spent on the scripts. */
  readonly redisMicros: number;
}

/** Nodes on a Redis that nobody else uses. */
export class CountedNodes {
  readonly nodes: EmittingEndpoint[] = [];
  readonly #redis: RedisServer;
  readonly #admin: Redis;

  private constructor(redis: RedisServer) {
    this.#redis = redis;
    this.#admin = new Redis(redis.url);
  }

  static async start(count: number, sdk: SdkName): Promise<CountedNodes> {
    const counted = new CountedNodes(await RedisServer.start());
    for (let n = 0; n < count; n += 1) await counted.#startNode(sdk);
    return counted;
  }

  get owner(): EmittingEndpoint {
    return this.#node(0);
  }

  get other(): EmittingEndpoint {
    return this.#node(1);
  }

  /** What a step costs. */
  async cost(step: () => Promise<void>): Promise<Traffic> {
    const before = await this.#total();
    await step();
    const after = await this.#total();
    return {
      roundTrips: after.roundTrips - before.roundTrips,
      bytes: after.bytes - before.bytes,
      redisMicros: after.redisMicros - before.redisMicros,
    };
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) await node.close();
    this.#admin.disconnect();
    await this.#redis.stop();
  }

  #node(index: number): EmittingEndpoint {
    const node = this.nodes[index];
    if (!node) throw new Error(`There is no node ${index}.`);
    return node;
  }

  async #startNode(sdk: SdkName): Promise<void> {
    const store = createRedisStore({ url: this.#redis.url });
    const node = await startEmittingEndpoint(store, sdk);
    this.nodes.push({
      ...node,
      close: async () => {
        await node.close();
        await store.close();
      },
    });
  }

  async #total(): Promise<Traffic> {
    const commands = await this.#admin.info("commandstats");
    const scripts = [...commands.matchAll(/^cmdstat_(?:evalsha|eval):calls=(\d+),usec=(\d+)/gm)];
    const stats = await this.#admin.info("stats");
    const bytes = [...stats.matchAll(/^total_net_(?:input|output)_bytes:(\d+)/gm)];
    const sum = (found: readonly RegExpMatchArray[], group: number) =>
      found.reduce((total, match) => total + Number(match[group]), 0);
    return { roundTrips: sum(scripts, 1), bytes: sum(bytes, 1), redisMicros: sum(scripts, 2) };
  }
}
