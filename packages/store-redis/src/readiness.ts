import { DurableMcpError } from "@durable-mcp/contract";
import type { Cluster, Redis } from "ioredis";
import type { RedisConnection } from "./redis-connection.js";

/**
 * Resolves if Redis can serve, and may be trusted with sessions.
 *
 * Errors:  STORE_UNAVAILABLE if it does not answer, is a replica, or would evict keys
 * Source:  G8
 */
export async function checkReadiness(connection: RedisConnection): Promise<void> {
  const infos = await connection.send((client) => Promise.all(mastersOf(client).map(infoOf)));
  for (const info of infos) {
    const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
    if (policy !== undefined && policy !== "noeviction") {
      throw new DurableMcpError(
        "STORE_UNAVAILABLE",
        `Redis has maxmemory-policy ${policy}, under which it may drop what was acknowledged; set it to noeviction.`,
      );
    }
    if (/^role:slave/m.test(info)) {
      throw new DurableMcpError("STORE_UNAVAILABLE", "This Redis is a replica; connect to its master.");
    }
  }
}

function mastersOf(client: Redis | Cluster): readonly Redis[] {
  return "nodes" in client ? client.nodes("master") : [client];
}

async function infoOf(client: Redis): Promise<string> {
  return `${await client.info("memory")}${await client.info("replication")}`;
}
