import type { Store } from "@durable-mcp/contract";
import { createRedisStore } from "@durable-mcp/store-redis";
import { type EmittingEndpoint, type EmittingSession, startEmittingEndpoint } from "./emitting-endpoint.js";
import type { SdkName } from "./sdk-table.js";
import { redisUrl } from "./store-table.js";

/** Endpoints of this process that share keys of Redis, as the nodes behind a load balancer do. */
export class EmittingFleet {
  readonly nodes: readonly EmittingEndpoint[];
  readonly #stores: readonly Store[];
  #requests = 0;

  private constructor(nodes: readonly EmittingEndpoint[], stores: readonly Store[]) {
    this.nodes = nodes;
    this.#stores = stores;
  }

  /** Starts `size` of them. Shapes:  change: makes of a node's store what the node gets */
  static async start(
    size: number,
    sdk: SdkName,
    change: (store: Store) => Store = (store) => store,
  ): Promise<EmittingFleet> {
    // Keys of its own, which go by expiry.
    const keyPrefix = `${crypto.randomUUID()}:`;
    const stores = Array.from({ length: size }, () => createRedisStore({ url: redisUrl(), keyPrefix }));
    const nodes = await Promise.all(stores.map((store) => startEmittingEndpoint(change(store), sdk)));
    return new EmittingFleet(nodes, stores);
  }

  /** The store, as the first node has it. */
  get store(): Store {
    return this.#stores[0] as Store;
  }

  /** The nodes in turn: each request goes to another one than the request before. */
  readonly url = (): string => {
    this.#requests += 1;
    return (this.nodes[this.#requests % this.nodes.length] as EmittingEndpoint).url;
  };

  /** The server side of a session, at the node that opened it. */
  readonly session = (id: string): EmittingSession => {
    const owner = this.nodes.find((node) => node.hasServed(id));
    if (owner) return owner.session(id);
    throw new Error(`No server was made for session ${id}`);
  };

  /** How many connections are open at all nodes. */
  readonly connections = (): number =>
    this.nodes.reduce((count, { endpoint }) => count + endpoint.stats().connections, 0);

  async close(): Promise<void> {
    for (const node of this.nodes) await node.close();
    for (const store of this.#stores) await store.close();
  }
}
