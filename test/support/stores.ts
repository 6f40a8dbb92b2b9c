import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Retention, Store } from "@durable-mcp/contract";
import { createMemoryStore } from "@durable-mcp/store-memory";
import { createRedisStore } from "@durable-mcp/store-redis";
import { createSqliteStore } from "@durable-mcp/store-sqlite";
import { SDKS } from "./sdk-table.js";
import { redisUrl } from "./store-table.js";

export interface OpenedStore {
  readonly store: Store;
  /** The database file, where there is one. */
  readonly file: string | undefined;
  /** Closes the store and removes its data. */
  dispose(): Promise<void>;
}

export interface StoreKind {
  readonly name: string;
  open(retention?: Partial<Retention>): OpenedStore;
}

/** The stores that live within the process. */
export const EMBEDDED_STORES: readonly StoreKind[] = [
  {
    name: "memory",
    open: (retention = {}) => {
      const store = createMemoryStore({ retention });
      return { store, file: undefined, dispose: () => store.close() };
    },
  },
  {
    name: "sqlite",
    open: (retention = {}) => {
      const folder = mkdtempSync(join(tmpdir(), "durable-mcp-"));
      const file = join(folder, "store.db");
      const store = createSqliteStore({ file, retention });
      const dispose = async () => {
        await store.close();
        rmSync(folder, { recursive: true, force: true });
      };
      return { store, file, dispose };
    },
  },
];

/** The stores that whole-system tests run on. */
export const ALL_STORES: readonly StoreKind[] = [
  ...EMBEDDED_STORES,
  {
    name: "redis",
    open: (retention = {}) => {
      // Keys of its own, which go by expiry.
      const store = createRedisStore({ url: redisUrl(), keyPrefix: `${crypto.randomUUID()}:`, retention });
      return { store, file: undefined, dispose: () => store.close() };
    },
  },
];

/** Each of them with server objects of each SDK. */
export const STORES_AND_SDKS = ALL_STORES.flatMap((kind) => SDKS.map((sdk) => ({ kind, sdk })));
