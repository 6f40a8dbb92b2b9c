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
  const infos = await connection.send((client) =>
    Promise.all(mastersOf(client).map((master) => infoOf(master, "nodes" in client))),
  );
  if (infos.length === 0) {
    throw new DurableMcpError("STORE_UNAVAILABLE", "No master of the Redis cluster can be reached.");
  }
  for (const info of infos) {
    if (/^cluster_state:fail/m.test(info)) {
      throw new DurableMcpError("STORE_UNAVAILABLE", "The Redis cluster is down.");
    }
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

async function infoOf(client: Redis, inCluster: boolean): Promise<string> {
  const cluster = inCluster ? await client.cluster("INFO") : "";
  return `${await client.info("memory")}${await client.info("replication")}${cluster}`;
}
