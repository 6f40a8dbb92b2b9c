import type { Store } from "@durable-mcp/contract";

/**
 * Opens the store that the command line names, and loads no other.
 *
 * Shapes:  name: memory: | sqlite:<file> | redis://...
 * Errors:  what the store says
 */
export async function openStore(name: string): Promise<Store> {
  if (name === "memory:") {
    const { createMemoryStore } = await import("@durable-mcp/store-memory");
    return createMemoryStore();
  }
  if (/^rediss?:/.test(name)) {
    const { createRedisStore } = await import("@durable-mcp/store-redis");
    return createRedisStore({ url: name });
  }
  const { createSqliteStore } = await import("@durable-mcp/store-sqlite");
  return createSqliteStore({ file: name.slice("sqlite:".length) });
}
