import { join } from "node:path";
import type { EndpointStats } from "@durable-mcp/core";
import { ChildWithOrders } from "../support/child-with-orders.js";
import { temporaryDirectory } from "../support/store-table.js";
import { waitFor } from "../support/wait-for.js";

/** The stores that are attacked. */
export const ATTACKED_STORES = ["memory", "sqlite"] as const;

/** Bounds of the endpoint under attack, small enough to be reached. */
export const LIMITS = {
  idleTtlMs: 20_000,
  maxSessionsPerPrincipal: 100,
  maxSessions: 1_000,
  maxCallsPerSession: 150,
  retryMs: 20,
  keepAliveMs: 2_000,
} as const;

/** How long the HTTP server waits for a request to be whole, in ms: this is what bounds a slow loris. */
export const HTTP_LIMITS = {
  headersTimeout: 2_000,
  requestTimeout: 4_000,
  connectionsCheckingInterval: 250,
  keepAliveTimeout: 1_000,
} as const;

export interface ServerState extends EndpointStats {
  readonly sockets: number;
  /** How many answers had which status, as the server counted them. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Unhandled rejections, uncaught exceptions, and what the endpoint logged as an error. */
  readonly faults: readonly string[];
  /** A built-in prototype is not what it was. */
  readonly polluted: boolean;
  /** The longest turn of the event loop so far, in ms. */
  readonly longestTurnMs: number;
  /** What the memory store holds. */
  readonly usage:
    | { readonly sessions: number; readonly streams: number; readonly events: number }
    | undefined;
}

export interface ServerOptions {
  readonly idleTtlMs?: number;
  /** Whether each request is stored before it is dispatched. */
  readonly storesRequests?: boolean;
}

/** The endpoint under attack, in a process whose memory can be measured. */
export class ServerProcess {
  readonly port: number;
  /** The database file, where there is one. */
  readonly file: string | undefined;
  readonly #child: ChildWithOrders;
  readonly #remove: () => Promise<void>;
  #asking: Promise<unknown> = Promise.resolve();

  private constructor(
    child: ChildWithOrders,
    port: number,
    file: string | undefined,
    remove: () => Promise<void>,
  ) {
    this.#child = child;
    this.port = port;
    this.file = file;
    this.#remove = remove;
  }

  static async start(
    kind: (typeof ATTACKED_STORES)[number],
    { idleTtlMs = LIMITS.idleTtlMs, storesRequests = false }: ServerOptions = {},
  ): Promise<ServerProcess> {
    const directory = await temporaryDirectory();
    const file = kind === "memory" ? undefined : join(directory.path, "store.db");
    const options = {
      store: file ?? "memory",
      endpoint: { ...LIMITS, idleTtlMs },
      http: HTTP_LIMITS,
      storesRequests,
    };
    const script = new URL("./hostile-server.mjs", import.meta.url);
    const child = new ChildWithOrders(script, [JSON.stringify(options)]);
    const { port } = await child.next();
    return new ServerProcess(child, port, file, directory.remove);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/mcp`;
  }

  state(): Promise<ServerState> {
    return this.#ask("state");
  }

  /** Memory in use after a forced collection, in bytes. */
  async usedBytes(): Promise<number> {
    return (await this.#ask<{ usedBytes: number }>("measure")).usedBytes;
  }

  /**
   * Waits until everybody's going has been noticed, moves the clock on until every session has run out, and waits until
   * nothing of them is left.
   */
  async abandonAll(): Promise<ServerState> {
    await this.#until("the end of all connections", ({ connections, sockets }) => connections + sockets);
    await this.#ask("later", { ms: LIMITS.idleTtlMs + 1 });
    return this.#until("the end of all sessions and calls", (state) => {
      const { sessions, calls, connections, bufferedBytes, sockets, usage } = state;
      return sessions + calls + connections + bufferedBytes + sockets + (usage?.sessions ?? 0);
    });
  }

  #until(what: string, left: (state: ServerState) => number): Promise<ServerState> {
    const none = async () => {
      const state = await this.state();
      return left(state) === 0 ? state : undefined;
    };
    return waitFor(what, none, 15_000);
  }

  /** Puts another endpoint in front of the same store: every session has to be restored (G4). */
  async restart(): Promise<void> {
    await this.#ask("restart");
  }

  /** Closes endpoint, store and server; the process ends with `stop`. */
  async close(): Promise<void> {
    await this.#ask("close");
  }

  async stop(): Promise<void> {
    await this.#child.stop();
    await this.#remove();
  }

  /** One order at a time: the answers carry no names. */
  #ask<T>(order: string, args?: unknown): Promise<T> {
    const answer = this.#asking.then(() => this.#child.ask(order, args));
    this.#asking = answer.catch(() => {});
    return answer;
  }
}
