import { DurableMcpError, type RequestId } from "@durable-mcp/contract";
import { type OwnSession, Sessionless, SessionOfTransport } from "./drop-in-access.js";
import { coreFor } from "./drop-in-cores.js";
import {
  type DropInOptions,
  type DropInSettings,
  type DropInStore,
  parseDropInOptions,
} from "./drop-in-options.js";
import type { EndpointCore } from "./endpoint-core.js";
import { GET_STREAM_ID } from "./get-stream.js";
import type { HttpRequest, HttpResponse } from "./http.js";
import { isResponse, type JsonRpcMessage } from "./json-rpc.js";
import type { ServerLike, SessionContext } from "./options.js";
import { identify } from "./principal.js";
import type { ScopeChallengeResolver } from "./scope-challenge.js";
import type { ServerTransport } from "./server-transport.js";
import type { Session } from "./session.js";
import { type SessionAccess, SessionByHeader } from "./session-access.js";
import { sessionNotFound } from "./session-errors.js";

/**
 * One transport per session, connected by the application: the way of the SDK's `StreamableHTTPServerTransport`, for
 * bindings to build their drop-in classes on. It stands between the application's server object and a session of an
 * endpoint's core, so that streams, answers and bounds are those of an endpoint.
 */
export class DropInTransport {
  // biome-ignore lint/suspicious/noExplicitAny: both SDKs' message types must fit
  onmessage: ((message: any, extra?: any) => void) | undefined;
  onclose: (() => void) | undefined;
  onerror: ((error: Error) => void) | undefined;

  readonly #settings: DropInSettings;
  readonly #core: EndpointCore;
  #inner: ServerTransport | undefined;
  #scopeChallenge: ScopeChallengeResolver | undefined;
  readonly #own: OwnSession;
  #started = false;
  #used = false;
  #closed = false;

  /** Errors:  TypeError that names each wrong or unknown option and what was expected */
  constructor(options: DropInOptions, store: DropInStore) {
    this.#settings = parseDropInOptions(new.target.name, options);
    this.#core = coreFor(store, this.#settings);
    const { durable, shared } = store.store.capabilities;
    this.#own = {
      id: undefined,
      taken: false,
      restorable: durable || shared,
      deleted: async (id) => this.#settings.onsessionclosed?.(id),
      ended: () => {
        if (this.#closed) return;
        this.#closed = true;
        this.onclose?.();
      },
    };
  }

  /** The session's id; undefined before it is opened, and in stateless mode. */
  get sessionId(): string | undefined {
    return this.#own.id;
  }

  /** Whether there is no session: the transport serves one request. */
  protected get stateless(): boolean {
    return this.#settings.sessionIdGenerator === undefined;
  }

  /** Called by SDK v2's McpServer, whose tools, prompts and resources may need scopes. */
  setScopeChallengeResolver(resolver: ScopeChallengeResolver): void {
    this.#scopeChallenge = resolver;
  }

  /** Called by the server object that connects. */
  async start(): Promise<void> {
    if (this.#started) throw new Error("Transport already started");
    this.#started = true;
  }

  /**
   * Sends a message of the server.
   *
   * Errors:  Error for a response that can reach nobody; what the store says
   */
  async send(
    message: JsonRpcMessage,
    options?: { readonly relatedRequestId?: RequestId | undefined },
  ): Promise<void> {
    if (this.#closed) return;
    const unheard = isResponse(message) && !this.#hears(message.id);
    await this.#inner?.send(message, options);
    if (unheard) throw new Error(`No connection established for request ID: ${String(message.id)}`);
  }

  /**
   * Lets go of the session. On a store that outlives the process it stays there, until it expires, for a transport that
   * brings it back; on any other it ends here.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const session = this.#session;
    if (!session) this.onclose?.();
    else if (this.#own.restorable && !this.stateless) {
      await session.settle();
      await this.#core.directory.owned.handOver(session);
    } else await session.closedByServer();
  }

  /** Ends the connection, not the call, by which a request is being answered: the client comes back and polls. */
  closeSSEStream(requestId: RequestId): void {
    this.#session?.closeConnectionOf(requestId);
  }

  /** The same for the session's GET connection. */
  closeStandaloneSSEStream(): void {
    this.#session?.closeConnection(GET_STREAM_ID);
  }

  /**
   * Answers one request. Never rejects.
   *
   * Returns: false for a second request in stateless mode, which is refused with 500
   */
  protected async handle(request: HttpRequest, response: HttpResponse): Promise<boolean> {
    const again = this.stateless && this.#used;
    this.#used = true;
    await this.#core.handle(request, response, {
      enter: async (entering) => {
        if (!again) return this.#enter(entering);
        throw new DurableMcpError(
          "INTERNAL",
          "Stateless transport cannot be reused across requests. Create a new transport per request.",
        );
      },
      onRefused: (error) => this.#report(error),
    });
    if (this.#core.directory.here.length > 0) this.#core.housekeeping.start({ untilIdle: true });
    return !again;
  }

  /**
   * The answer is complete: in stateless mode that was all. Never rejects: nobody waits for it, and a session that the
   * store cannot end now expires.
   */
  protected async answered(): Promise<void> {
    if (this.stateless) await this.close().catch((error) => this.#report(error));
  }

  async #enter(request: HttpRequest): Promise<SessionAccess> {
    if (this.#closed) throw sessionNotFound();
    checkAgainstRebinding(request.headers, this.#settings);
    const createServer = (context: SessionContext) => this.#connect(context);
    if (this.stateless) return new Sessionless(this.#core, createServer);
    const { sessionIdGenerator, principal } = this.#settings;
    const caller = principal ? await identify(request, principal) : "";
    return new SessionOfTransport(
      this.#own,
      new SessionByHeader(this.#core.context, caller, { createServer, sessionIdGenerator }),
    );
  }

  /** Tells the application, whose faults must not stop what is going on here. */
  #report(error: Error): void {
    try {
      this.onerror?.(error);
    } catch {
      // There is nobody else to tell.
    }
  }

  get #session(): Session | undefined {
    return this.#inner && this.#core.directory.live.get(this.#inner.sessionId);
  }

  /** Whether a response can still reach its client, now or by a resume. */
  #hears(requestId: RequestId | null | undefined): boolean {
    return typeof requestId !== "object" && requestId !== undefined && !!this.#session?.hears(requestId);
  }

  /** Stands in for the application's server object, which is connected to this transport. */
  async #connect({ sessionId }: SessionContext): Promise<ServerLike> {
    if (!this.#started || !this.onmessage) {
      throw new DurableMcpError("INTERNAL", "No server is connected: await server.connect(transport) first.");
    }
    if (this.#closed) throw sessionNotFound();
    if (!this.stateless) await this.#take(sessionId);
    if (this.#closed) throw sessionNotFound();
    return {
      connect: async (inner) => {
        this.#inner = inner;
        inner.scopeChallenge = this.#scopeChallenge;
        inner.onmessage = (message, extra) => this.onmessage?.(message, extra);
        inner.onerror = (error) => this.onerror?.(error);
        inner.onclose = () => {
          this.#closed = true;
          this.onclose?.();
        };
      },
      close: async () => {},
    };
  }

  /** This is the transport's session from now on, and the application is told. */
  async #take(sessionId: string): Promise<void> {
    if (this.#own.id !== undefined) throw sessionNotFound();
    this.#own.id = sessionId;
    this.#own.taken = true;
    try {
      await this.#settings.onsessioninitialized?.(sessionId);
    } catch (error) {
      this.#own.id = undefined;
      throw error;
    }
  }
}

/** Errors:  HOST_NOT_ALLOWED, ORIGIN_NOT_ALLOWED (403), by the SDK's rules: whole header values, and only if told to */
function checkAgainstRebinding(
  headers: HttpRequest["headers"],
  { enableDnsRebindingProtection, allowedHosts = [], allowedOrigins = [] }: DropInSettings,
): void {
  if (!enableDnsRebindingProtection) return;
  const { host, origin } = headers;
  if (allowedHosts.length > 0 && !(host && allowedHosts.includes(host))) {
    throw new DurableMcpError("HOST_NOT_ALLOWED", `Invalid Host header: ${host}`);
  }
  if (allowedOrigins.length > 0 && origin && !allowedOrigins.includes(origin)) {
    throw new DurableMcpError("ORIGIN_NOT_ALLOWED", `Invalid Origin header: ${origin}`);
  }
}
