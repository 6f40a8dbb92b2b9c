import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import {
  type ClientCapabilities,
  ErrorCode,
  type JSONRPCMessage,
  McpError,
  type RequestId,
  type ServerCapabilities,
} from "@modelcontextprotocol/sdk/types.js";
import type { AppConfig } from "./config.js";
import { HttpTransport } from "./http-transport.js";
import type { Log } from "./log.js";
import {
  AnyResult,
  httpStatusOf,
  isJsonObject,
  isNotMcp,
  RpcError,
  type RpcObject,
  upstreamError,
} from "./rpc.js";
import { StdioTransport } from "./stdio-transport.js";
import { GATEWAY_INFO } from "./version.js";

/** Below the 60 s after which the SDK's clients give up on a request, so that they hear why. */
const CONNECT_TIMEOUT_MS = 50_000;
/** The SDK's own timer is set to the longest there is: it knows nothing of progress that carries our tokens. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;
/** Longest an upstream may take to answer a ping, in ms. */
const PING_TIMEOUT_MS = 5_000;

/** What an upstream says on its own account, in the order it says it. */
export interface UpstreamEvents {
  onNotification(method: string, params: RpcObject): void;
  /** The upstream's own request. `signal` aborts when the upstream takes it back or its connection ends. */
  onRequest(method: string, params: RpcObject, signal: AbortSignal): Promise<RpcObject>;
  /** The connection has ended, for whatever reason; called once, and only after `open` has resolved. */
  onClose(ending: string): void;
}

/** How one call is to be made. */
export interface CallOptions {
  /** Aborting it cancels the call at the upstream. */
  readonly signal?: AbortSignal;
  /** Asks the upstream for progress and takes it, without the token. */
  readonly onProgress?: (progress: RpcObject) => void;
  readonly timeoutMs?: number;
}

/** One live connection to one upstream. Results come through as the upstream sent them. */
export class UpstreamConnection {
  readonly #app: AppConfig;
  readonly #events: UpstreamEvents;
  readonly #log: Log;
  readonly #client: Client;
  readonly #transport: StdioTransport | HttpTransport;
  readonly #progress = new Map<string, (progress: RpcObject) => void>();
  /** The upstream's own requests that are being answered. */
  readonly #asked = new Map<RequestId, AbortController>();
  #lastToken = 0;
  #opened = false;
  #closed = false;
  #saidGarbage = false;
  #failure: string | undefined;

  private constructor(app: AppConfig, capabilities: ClientCapabilities, events: UpstreamEvents, log: Log) {
    this.#app = app;
    this.#events = events;
    this.#log = log;
    this.#client = new Client(GATEWAY_INFO, { capabilities });
    this.#transport = app.kind === "stdio" ? new StdioTransport(app) : new HttpTransport(app);
    if (this.#transport instanceof StdioTransport) {
      this.#transport.onstderr = (text) => log.info("upstream said", { app: app.name, text });
    }
  }

  /**
   * Connects and initializes.
   *
   * Shapes:  capabilities: what the session's client can do for the upstream
   * Errors:  whatever went wrong; nothing of the attempt is left behind
   */
  static async open(
    app: AppConfig,
    capabilities: ClientCapabilities,
    events: UpstreamEvents,
    options: { readonly log: Log; readonly signal: AbortSignal },
  ): Promise<UpstreamConnection> {
    const connection = new UpstreamConnection(app, capabilities, events, options.log);
    await connection.#open(options.signal);
    return connection;
  }

  get capabilities(): ServerCapabilities {
    return this.#client.getServerCapabilities() ?? {};
  }

  /**
   * Sends a request and returns its result untouched.
   *
   * Errors:  RpcError: the upstream's own, or UPSTREAM_ENDED, UPSTREAM_TIMEOUT; anything else is the transport's
   */
  async request(method: string, params: RpcObject, options: CallOptions = {}): Promise<RpcObject> {
    const timeoutMs = options.timeoutMs ?? this.#app.timeoutMs;
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort("no answer in time"), timeoutMs);
    const token = options.onProgress && this.#expectProgress(options.onProgress, timer);
    const signal = options.signal ? AbortSignal.any([options.signal, timeout.signal]) : timeout.signal;
    try {
      const request = { method, params: withProgressToken(params, token) };
      return await this.#client.request(request, AnyResult, { signal, timeout: NO_TIMEOUT_MS });
    } catch (error) {
      if (options.signal?.aborted) throw new RpcError(ErrorCode.ConnectionClosed, "The call was cancelled");
      if (timeout.signal.aborted) {
        throw upstreamError("UPSTREAM_TIMEOUT", this.#app.name, `did not answer within ${timeoutMs} ms`);
      }
      if (!(error instanceof McpError)) throw error;
      if (this.#closed && error.code === ErrorCode.ConnectionClosed) {
        throw upstreamError("UPSTREAM_ENDED", this.#app.name, `ended during the call: ${this.#ending()}`);
      }
      throw RpcError.from(error);
    } finally {
      clearTimeout(timer);
      if (token !== undefined) this.#progress.delete(token);
    }
  }

  /** Whether even a ping is a bad request: how some HTTP upstreams say that they do not know our session. */
  async refusesPing(): Promise<boolean> {
    const refused = (error: unknown) => httpStatusOf(error) === 400;
    return this.request("ping", {}, { timeoutMs: PING_TIMEOUT_MS }).then(() => false, refused);
  }

  /** Sends a notification, if the connection takes it. */
  async notify(method: string, params: RpcObject = {}): Promise<void> {
    await this.#client.notification({ method, params });
  }

  /** Leaves unread what the upstream says, or reads on. Only a process can be slowed down like this. */
  pause(paused: boolean): void {
    if (this.#transport instanceof StdioTransport) this.#transport.pause(paused);
  }

  /** Ends the connection and, of a stdio upstream, every process. */
  async close(): Promise<void> {
    if (this.#opened && this.#transport instanceof HttpTransport) await this.#transport.sayGoodbye();
    await this.#transport.close();
  }

  async #open(signal: AbortSignal): Promise<void> {
    // Called before the SDK's own handler, and at once: the SDK handles notifications a turn late, so that progress
    // which arrives together with its response would be lost.
    this.#transport.onmessage = (message: JSONRPCMessage) => this.#overhear(message);
    this.#client.fallbackRequestHandler = async (request, extra) => this.#answer(request, extra.requestId);
    this.#client.onerror = (error) => this.#onError(error);
    this.#client.onclose = () => this.#onClose();
    // Not handed to the SDK, which would take an abort after the request's end for a cancellation of it.
    const abort = () => void this.#transport.close();
    signal.addEventListener("abort", abort, { once: true });
    try {
      signal.throwIfAborted();
      await this.#client.connect(this.#transport, { timeout: CONNECT_TIMEOUT_MS });
      if (this.#closed) throw new Error(CLOSED);
      this.#opened = true;
    } catch (error) {
      const ending = this.#ending();
      await this.#transport.close().catch(() => {});
      signal.throwIfAborted();
      throw ending === CLOSED ? error : new Error(ending);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  #overhear(message: JSONRPCMessage): void {
    if (this.#transport instanceof HttpTransport) this.#transport.overhear(message);
    if (!("method" in message) || "id" in message) return;
    const params = isJsonObject(message.params) ? message.params : {};
    switch (message.method) {
      case "notifications/progress": {
        const { progressToken, ...progress } = params;
        this.#progress.get(String(progressToken))?.(progress);
        return;
      }
      case "notifications/cancelled":
        this.#asked.get(params.requestId as RequestId)?.abort(params.reason);
        return;
      default:
        this.#events.onNotification(message.method, params);
    }
  }

  async #answer(request: { method: string; params?: unknown }, id: RequestId): Promise<RpcObject> {
    // Our own controller: the SDK overlooks a cancellation of the request with id 0, every upstream's first.
    const controller = new AbortController();
    this.#asked.set(id, controller);
    try {
      const params = isJsonObject(request.params) ? request.params : {};
      return await this.#events.onRequest(request.method, params, controller.signal);
    } finally {
      if (this.#asked.get(id) === controller) this.#asked.delete(id);
    }
  }

  #expectProgress(onProgress: (progress: RpcObject) => void, timer: NodeJS.Timeout): string {
    this.#lastToken += 1;
    const token = `call-${this.#lastToken}`;
    this.#progress.set(token, (progress) => {
      timer.refresh();
      onProgress(progress);
    });
    return token;
  }

  #onError(error: Error): void {
    if (error.message.startsWith("Maximum reconnection attempts")) {
      this.#failure = "its stream broke off and could not be resumed";
      void this.#transport.close();
    }
    if (this.#saidGarbage || !isNotMcp(error)) return;
    this.#saidGarbage = true;
    const hint = this.#app.kind === "stdio" && { hint: STDOUT_HINT };
    this.#log.warn("upstream sends what is not MCP", { app: this.#app.name, ...hint });
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const controller of this.#asked.values()) controller.abort("the upstream has gone");
    if (this.#opened) this.#events.onClose(this.#ending());
  }

  #ending(): string {
    const ending = this.#transport instanceof StdioTransport ? this.#transport.ending : this.#failure;
    return ending ?? CLOSED;
  }
}

const CLOSED = "the connection was closed";
const STDOUT_HINT = "it writes to standard output, which is for MCP; it should log to standard error";

function withProgressToken(params: RpcObject, token: string | undefined): Record<string, unknown> {
  const { _meta: meta, ...rest } = params;
  const { progressToken: _, ...others } = isJsonObject(meta) ? meta : {};
  const own = token === undefined ? others : { ...others, progressToken: token };
  return Object.keys(own).length > 0 ? { ...rest, _meta: own } : rest;
}
