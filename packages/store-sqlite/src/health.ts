import { statSync } from "node:fs";
import { DurableMcpError } from "@durable-mcp/contract";
import { storeError, toStoreError } from "./errors.js";

/** Translates errors, and remembers damage: once it has been seen, nothing more is written to the file. */
export class Health {
  readonly #file: string;
  readonly #identity: string;
  #damage: DurableMcpError | undefined;

  constructor(file: string) {
    this.#file = file;
    this.#identity = identityOf(file);
  }

  /** The error as callers are to see it. */
  failure(error: unknown): unknown {
    const failure = toStoreError(error, this.#file);
    if (failure instanceof DurableMcpError && failure.code === "STORE_CORRUPT") this.#damage ??= failure;
    return failure;
  }

  read<T>(operation: () => T): T {
    try {
      return operation();
    } catch (error) {
      throw this.failure(error);
    }
  }

  /** Errors:  STORE_CORRUPT if damage has been seen */
  assertUndamaged(): void {
    if (this.#damage) throw this.#damage;
  }

  /** Errors:  STORE_UNAVAILABLE if what is written would be lost at the next start, because the file was taken away */
  assertInPlace(): void {
    if (identityOf(this.#file) !== this.#identity) {
      throw storeError(
        "STORE_UNAVAILABLE",
        this.#file,
        "the file was removed or replaced while in use; restart",
      );
    }
  }
}

function identityOf(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.dev}:${stat.ino}` : "";
}
