import { resolve } from "node:path";
import { DurableMcpError, type Store } from "@durable-mcp/contract";
import { createMemoryStore } from "@durable-mcp/store-memory";
import { createSqliteStore } from "@durable-mcp/store-sqlite";
import type { StoreChoice } from "./options.js";
import { inOneLine, StartupError } from "./startup-error.js";

/**
 * Opens the store and makes sure that it can serve; a missing folder is created.
 *
 * Errors:  StartupError with the store, the code and the reason, in one line
 */
export async function openStore(choice: StoreChoice): Promise<Store> {
  let store: Store | undefined;
  try {
    store = create(choice);
    await store.ready();
    return store;
  } catch (error) {
    await store?.close().catch(() => {});
    // A store's own error names the file.
    const label = error instanceof DurableMcpError ? error.code : describeStore(choice);
    throw new StartupError(inOneLine(`${label}: ${(error as Error).message}`));
  }
}

/** The store as the command line names it, with the whole path of its file. */
export function describeStore(choice: StoreChoice): string {
  return choice.kind === "memory" ? "memory:" : `sqlite:${resolve(choice.file)}`;
}

function create(choice: StoreChoice): Store {
  return choice.kind === "memory" ? createMemoryStore() : createSqliteStore({ file: choice.file });
}
