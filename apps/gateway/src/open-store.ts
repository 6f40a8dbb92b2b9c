import { existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DurableMcpError, type Store } from "@durable-mcp/contract";
import { createMemoryStore } from "@durable-mcp/store-memory";
import { createSqliteStore } from "@durable-mcp/store-sqlite";
import type { StoreChoice } from "./options.js";
import { StartupError } from "./startup-error.js";

/**
 * Opens the store and makes sure that it can serve; creates the folder of a new database.
 *
 * Errors:  StartupError with the store, the code and the reason
 */
export async function openStore(choice: StoreChoice): Promise<Store> {
  let store: Store | undefined;
  try {
    store = create(choice);
    await store.ready();
    return store;
  } catch (error) {
    await store?.close().catch(() => {});
    const code = error instanceof DurableMcpError ? `${error.code}: ` : "";
    throw new StartupError(`${describeStore(choice)}: ${code}${(error as Error).message}`);
  }
}

/** The store as the command line names it, with the whole path of its file. */
export function describeStore(choice: StoreChoice): string {
  return choice.kind === "memory" ? "memory:" : `sqlite:${resolve(choice.file)}`;
}

function create(choice: StoreChoice): Store {
  if (choice.kind === "memory") return createMemoryStore();
  createFolder(dirname(resolve(choice.file)));
  return createSqliteStore({ file: choice.file });
}

/** Not with `recursive`, which never returns for a folder below /proc. */
function createFolder(folder: string): void {
  if (existsSync(folder)) return;
  createFolder(dirname(folder));
  mkdirSync(folder);
}
