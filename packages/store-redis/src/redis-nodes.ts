import type { Nodes } from "@durable-mcp/contract";
import type { Keys } from "./keys.js";
import { HEARTBEAT, IS_ALIVE } from "./lua-nodes.js";
import type { RedisConnection } from "./redis-connection.js";
import { script } from "./script.js";

const SCRIPTS = { heartbeat: script(HEARTBEAT), isAlive: script(IS_ALIVE) };

/** One key per node, which runs out with its heartbeat. */
export class RedisNodes implements Nodes {
  readonly #connection: RedisConnection;
  readonly #keys: Keys;

  constructor(connection: RedisConnection, keys: Keys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  async heartbeat(nodeId: string, ttlMs: number): Promise<void> {
    await this.#connection.run(SCRIPTS.heartbeat, this.#keys.node(nodeId), [ttlMs]);
  }

  async isAlive(nodeId: string): Promise<boolean> {
    return (await this.#connection.run(SCRIPTS.isAlive, this.#keys.node(nodeId), [])) === 1;
  }
}
