import { guardStore, type Store } from "@durable-mcp/contract";
import { Keys } from "./keys.js";
import { parseOptions, type RedisStoreOptions } from "./options.js";
import { checkReadiness } from "./readiness.js";
import { RedisChangeBus } from "./redis-change-bus.js";
import { RedisConnection } from "./redis-connection.js";
import { RedisEventLog } from "./redis-event-log.js";
import { RedisNodes } from "./redis-nodes.js";
import { RedisSessionStore } from "./redis-session-store.js";
import { SessionIndex } from "./session-index.js";
import { Subscriber } from "./subscriber.js";
import { WakeUps } from "./wake-ups.js";

/**
 * Opens a store on Redis >= 6.2 or Valkey, which many processes may share. It connects by itself, and again.
 *
 * Errors:  TypeError for an unknown or wrong option
 * Source:  G1-G4, G7-G9; what G5 and G6 need
 */
export function createRedisStore(options: RedisStoreOptions): Store {
  const settings = parseOptions(options);
  const keys = new Keys(settings.keyPrefix);
  const connection = new RedisConnection(settings);
  const subscriber = new Subscriber(connection);
  const wakeUps = new WakeUps(connection, keys, subscriber, settings.now);
  const index = new SessionIndex(connection, keys);
  return guardStore({
    capabilities: { durable: true, shared: true },
    log: new RedisEventLog(connection, keys, settings.retention, wakeUps),
    sessions: new RedisSessionStore(connection, keys, index, wakeUps),
    nodes: new RedisNodes(connection, keys),
    changes: new RedisChangeBus(connection, keys, subscriber),
    ready: () => checkReadiness(connection),
    close: async () => {
      wakeUps.close();
      subscriber.close();
      await connection.close();
    },
  });
}
