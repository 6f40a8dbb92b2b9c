import { setTimeout as pause } from "node:timers/promises";
import { Cluster, Redis } from "ioredis";
import { RedisServer } from "./redis-server.js";

const SLOTS = 16_384;
const DEADLINE_MS = 20_000;

/** A Redis Cluster of the test's own: three masters. */
export class RedisCluster {
  readonly #servers: readonly RedisServer[];

  private constructor(servers: readonly RedisServer[]) {
    this.#servers = servers;
  }

  static async start(): Promise<RedisCluster> {
    const args = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
    const servers = await Promise.all([0, 1, 2].map(() => RedisServer.start(...args)));
    const [first] = servers;
    for (const [place, server] of servers.entries()) {
      const client = new Redis(server.url);
      const from = Math.ceil((SLOTS / servers.length) * place);
      const to = Math.ceil((SLOTS / servers.length) * (place + 1)) - 1;
      await client.cluster("ADDSLOTS", ...Array.from({ length: to - from + 1 }, (_, slot) => from + slot));
      await client.cluster("SET-CONFIG-EPOCH", place + 1);
      await client.cluster("MEET", "127.0.0.1", first?.port ?? 0);
      client.disconnect();
    }
    const cluster = new RedisCluster(servers);
    await Promise.all(servers.map(untilWhole));
    return cluster;
  }

  /** A client that knows one of the masters. */
  connect(): Cluster {
    return new Cluster([{ host: "127.0.0.1", port: this.#servers[0]?.port ?? 0 }]);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
  }
}

async function untilWhole(server: RedisServer): Promise<void> {
  const client = new Redis(server.url);
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const info = String(await client.cluster("INFO"));
    if (info.includes("cluster_state:ok") && info.includes("cluster_known_nodes:3")) break;
    if (Date.now() > deadline) throw new Error(`The cluster does not form: ${info}`);
    await pause(50);
  }
  client.disconnect();
}
