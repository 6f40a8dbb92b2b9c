import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DurableMcpError, guardStore, type Retention, type Store } from "@durable-mcp/contract";
import { createMemoryBackend, createMemoryStore } from "@durable-mcp/store-memory";
import { Journal, lock, readLines } from "./journal.js";
import { repeatCalls } from "./repeat-calls.js";

/** Options of `createJsonlStore`. */
export interface JsonlStoreOptions {
  /** The file; it and its folder are made where missing. */
  readonly file: string;
  /** Waits with every write until the disk has it, so that it survives power loss, too. Default: false. */
  readonly fsync?: boolean;
  /** What is kept. A file stays with what it was made with. Default: `DEFAULT_RETENTION` of the contract. */
  readonly retention?: Partial<Retention>;
  /** The clock, Unix time in ms. Default: `Date.now`. */
  readonly now?: () => number;
}

/**
 * Opens a store on a file of JSON lines. Every call that may change something becomes a line of the file and is then
 * made on a store in memory; opening the file makes its calls again, each at its time.
 *
 * Errors:  STORE_LOCKED, STORE_CORRUPT, STORE_FULL; TypeError for a wrong option, or another retention than the file's
 * Source:  G1, G2, G3, G4
 */
export async function createJsonlStore(options: JsonlStoreOptions): Promise<Store> {
  const { file, fsync = false, now = Date.now, ...others } = options;
  if (typeof file !== "string" || file === "")
    throw new TypeError("createJsonlStore: options.file: expected a path");
  // Stands still during a call and never goes back, so that the same things have run out when the call is made again.
  let nowMs = 0;
  const backend = createMemoryBackend({ ...others, now: () => nowMs });
  const memory = createMemoryStore({ backend });
  const { log, sessions, nodes } = memory;
  const { append, trim, take } = log;
  const { create, update, touch, claim, release, terminate } = sessions;
  const calls = { append, trim, take, create, update, touch, claim, release, terminate };

  const timed = <A extends unknown[], R>(read: (...args: A) => Promise<R>) => {
    return async (...args: A) => {
      nowMs = Math.max(nowMs, now());
      return read(...args);
    };
  };

  const path = resolve(file);
  const head = JSON.stringify({ format: 1, retention: backend.retention });
  mkdirSync(dirname(path), { recursive: true });
  const unlock = lock(path);
  const journal = await openJournal().catch((error: unknown) => {
    unlock();
    throw error;
  });

  async function openJournal(): Promise<Journal> {
    const lines = readLines(path);
    const first = await lines.next();
    if (!first.done && first.value !== head) throw notOurs(path, first.value);
    const setTime = (atMs: number) => {
      nowMs = atMs;
    };
    const isLive = async (id: string) => (await timed(sessions.get)(id)) !== undefined;
    const needed = await repeatCalls(lines, { calls, setTime, isLive });
    return new Journal(path, [head, ...needed], fsync);
  }

  // A store in memory changes before it returns its promise: nothing comes between the line and the change.
  const written = <A extends unknown[], R>(call: keyof typeof calls, write: (...args: A) => Promise<R>) => {
    return timed(async (...args: A) => {
      journal.write(JSON.stringify({ atMs: nowMs, call, args }));
      return write(...args);
    });
  };
  return guardStore({
    capabilities: { durable: true, shared: false },
    log: {
      append: written("append", append),
      read: timed(log.read),
      finals: timed(log.finals),
      head: timed(log.head),
      openStreams: timed(log.openStreams),
      trim: written("trim", trim),
      take: written("take", take),
      watch: log.watch,
    },
    sessions: {
      create: written("create", create),
      get: timed(sessions.get),
      update: written("update", update),
      touch: written("touch", touch),
      claim: written("claim", claim),
      release: written("release", release),
      terminate: written("terminate", terminate),
      list: timed(sessions.list),
      sweep: timed(sessions.sweep),
    },
    // Of one process only: its heartbeats end with it, and it is the only one to hear of a change.
    nodes: { heartbeat: timed(nodes.heartbeat), isAlive: timed(nodes.isAlive) },
    changes: memory.changes,
    ready: async () => journal.check(),
    close: async () => {
      await memory.close();
      journal.close();
      unlock();
    },
  });
}

function notOurs(file: string, firstLine: string): Error {
  if (firstLine.startsWith('{"format":1,"retention":')) {
    const message = `createJsonlStore: options.retention: ${file} was made with another: ${firstLine}`;
    return new TypeError(message);
  }
  return new DurableMcpError("STORE_CORRUPT", `${file} is no file of this store.`);
}
