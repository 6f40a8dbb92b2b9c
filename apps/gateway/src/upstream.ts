import type { ClientCapabilities, RequestId } from "@modelcontextprotocol/sdk/types.js";
import type { AppConfig } from "./config.js";
import type { ListKind } from "./list-kinds.js";
import type { Log } from "./log.js";
import { causeOf, httpStatusOf, RpcError, type RpcObject, upstreamError } from "./rpc.js";
import { callTool } from "./tool-call.js";
import { UpstreamConnection } from "./upstream-connection.js";
import { UpstreamLists } from "./upstream-lists.js";
import { UpstreamRecovery } from "./upstream-recovery.js";
import { UpstreamState } from "./upstream-state.js";

/** How long a list waits for one upstream before it is served without it, in ms. */
const LIST_WAIT_MS = 10_000;

/** A client's request on its way to an upstream. */
export interface ClientCall {
  readonly id: RequestId;
  /** Aborts when the client cancels it or the session ends. */
  readonly signal: AbortSignal;
  /** Set when the client wants to hear of progress. */
  readonly onProgress?: (progress: RpcObject) => void;
}

/** What the session does for its upstreams. */
export interface UpstreamHost {
  /** What the session's client can do for the upstream. */
  readonly clientCapabilities: ClientCapabilities;
  onNotification(upstream: Upstream, method: string, params: RpcObject): void;
  onRequest(upstream: Upstream, method: string, params: RpcObject, signal: AbortSignal): Promise<RpcObject>;
}

interface Live {
  readonly connection: UpstreamConnection;
  readonly lists: UpstreamLists;
}

/**
 * One app in one session: connected when first used, connected again when it was lost, at the next use or by itself
 * when the client waits for it. Its failures are its own: they reach callers as errors that name the app, and nobody
 * else.
 */
export class Upstream {
  readonly app: AppConfig;
  /** What the client has asked for and a new connection must be told. */
  readonly state = new UpstreamState();
  readonly #host: UpstreamHost;
  readonly #log: Log;
  readonly #inFlight = new Set<RequestId>();
  /** Lists that were served without this upstream. */
  readonly #missed = new Set<ListKind>();
  /** Those of them that it is still to answer. */
  readonly #overdue = new Set<ListKind>();
  readonly #closing = new AbortController();
  #live: Live | undefined;
  #connecting: Promise<Live> | undefined;
  readonly #recovery = new UpstreamRecovery(() => {
    if (this.#isAwaited) this.warmUp();
  });

  constructor(app: AppConfig, host: UpstreamHost, log: Log) {
    this.app = app;
    this.#host = host;
    this.#log = log;
  }

  /** The connection there is now, if any. */
  get connection(): UpstreamConnection | undefined {
    return this.#live?.connection;
  }

  /** The client's call that messages of this upstream belong to: the only one in flight, if there is just one. */
  get relatedCall(): RequestId | undefined {
    return this.#inFlight.size === 1 ? this.#inFlight.values().next().value : undefined;
  }

  /** Connects ahead of the first use. Failure shows when the upstream is used. */
  warmUp(): void {
    this.#connect().catch(() => this.#recover());
  }

  /**
   * Sends a client's request on.
   *
   * Errors:  RpcError: the upstream's own, or one that names the app and says why (retryable)
   */
  async call(method: string, params: RpcObject, call: ClientCall): Promise<RpcObject> {
    this.#inFlight.add(call.id);
    try {
      return await this.#use(({ connection, lists }) => {
        if (method === "tools/call") return callTool(connection, lists, params, call);
        return connection.request(method, params, call);
      });
    } finally {
      this.#inFlight.delete(call.id);
    }
  }

  /**
   * All items of one of its lists.
   *
   * Errors:  like `call`
   */
  list(list: ListKind): Promise<readonly RpcObject[]> {
    return this.#use(({ lists }) => lists.get(list));
  }

  /**
   * The same for a list of all upstreams: none when this one fails or is late. It is announced when it is there, and
   * not waited for again until then.
   */
  async listInTime(list: ListKind): Promise<readonly RpcObject[]> {
    if (this.#overdue.has(list) || (!this.#live && this.#missed.size > 0)) {
      this.#missed.add(list);
      this.warmUp();
      return [];
    }
    const items = this.list(list);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), LIST_WAIT_MS);
    });
    try {
      const inTime = await Promise.race([items, late]);
      if (inTime) {
        this.#missed.delete(list);
        return inTime;
      }
      this.#isLate(list, items);
    } catch (error) {
      this.#missed.add(list);
      this.#recover();
      if (this.#live)
        this.#warn("list served without upstream", { list: list.method, cause: causeOf(error) });
    } finally {
      clearTimeout(timer);
    }
    return [];
  }

  /** Ends the connection for good. Resolves when its processes have ended. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("the session has ended"));
    this.#recovery.stop();
    const connecting = this.#connecting?.catch(() => {});
    await this.#live?.connection.close();
    await connecting;
  }

  async #use<T>(work: (live: Live) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const live = await this.#connect();
      try {
        return await work(live);
      } catch (error) {
        if (error instanceof RpcError) throw error;
        const status = httpStatusOf(error);
        const sessionLost = status === 404 || (status === 400 && (await live.connection.refusesPing()));
        if (status !== undefined && !sessionLost) {
          const message = `refused the request: ${causeOf(error)}`;
          // A client's fault stays one: only an overload or a fault of the server may be gone later.
          const retryable = status === 408 || status === 429 || status >= 500;
          throw upstreamError("UPSTREAM_UNAVAILABLE", this.app.name, message, { retryable });
        }
        this.#lose(live, causeOf(error));
        void live.connection.close().catch(() => {});
        // An HTTP upstream that does not know our session has not seen the request: safe to send again.
        if (sessionLost && attempt === 1) continue;
        const message = `could not be reached: ${causeOf(error)}`;
        throw upstreamError("UPSTREAM_UNAVAILABLE", this.app.name, message);
      }
    }
  }

  #connect(): Promise<Live> {
    if (this.#closing.signal.aborted) return Promise.reject(this.#unavailable("the session has ended"));
    if (this.#connecting) return this.#connecting;
    if (this.#live) return Promise.resolve(this.#live);
    const { retryAfterMs, lastCause } = this.#recovery;
    if (retryAfterMs > 0) return Promise.reject(this.#unavailable(lastCause, { retryAfterMs }));
    this.#connecting = this.#open().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #open(): Promise<Live> {
    let live: Live | undefined;
    try {
      const connection = await UpstreamConnection.open(
        this.app,
        this.#host.clientCapabilities,
        {
          onNotification: (method, params) => {
            live?.lists.forget(method);
            this.#host.onNotification(this, method, params);
          },
          onRequest: (method, params, signal) => this.#host.onRequest(this, method, params, signal),
          onClose: (ending) => live && this.#lose(live, ending),
        },
        { log: this.#log, signal: this.#closing.signal },
      );
      live = { connection, lists: new UpstreamLists(this.app.name, connection, this.#log) };
    } catch (error) {
      this.#fail(causeOf(error));
      throw this.#unavailable(causeOf(error));
    }
    this.#live = live;
    if (this.#recovery.failures > 0) this.#log.info("upstream is back", { app: this.app.name });
    this.#recovery.connected();
    await this.state.apply(live.connection, (uri) =>
      this.#host.onNotification(this, "notifications/resources/updated", { uri }),
    );
    for (const list of this.#missed) if (!this.#overdue.has(list)) this.#announce(list);
    return live;
  }

  #isLate(list: ListKind, items: Promise<unknown>): void {
    this.#missed.add(list);
    this.#overdue.add(list);
    const cause = this.#live ? "no answer yet" : "not connected yet";
    this.#warn("list served without upstream", { list: list.method, cause });
    const settled = () => this.#overdue.delete(list);
    items.finally(settled).then(
      () => this.#announce(list),
      () => {},
    );
  }

  #fail(cause: string): void {
    this.#recovery.failed(cause);
    if (this.#recovery.failures === 1) this.#warn("upstream cannot be reached", { cause });
    this.#recover();
  }

  #lose(live: Live, cause: string): void {
    if (this.#live !== live) return;
    this.#live = undefined;
    this.#recovery.lost();
    this.#warn("upstream was lost", { cause });
    this.#recover();
  }

  /** Whether the client waits to hear of it: of lists that were served without it, or of what it subscribed. */
  get #isAwaited(): boolean {
    return this.#missed.size > 0 || this.state.hasSubscriptions;
  }

  /** Has it connected again without being used, if that is awaited. */
  #recover(): void {
    if (this.#isAwaited && !this.#live && !this.#closing.signal.aborted) this.#recovery.schedule();
  }

  #announce(list: ListKind): void {
    this.#missed.delete(list);
    this.#host.onNotification(this, list.changed, {});
  }

  #warn(event: string, fields: Record<string, unknown>): void {
    if (!this.#closing.signal.aborted) this.#log.warn(event, { app: this.app.name, ...fields });
  }

  #unavailable(cause: string, data?: RpcObject): RpcError {
    return upstreamError("UPSTREAM_UNAVAILABLE", this.app.name, `is not available: ${cause}`, data);
  }
}
