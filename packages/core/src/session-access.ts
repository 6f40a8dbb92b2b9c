import { DurableMcpError } from "@durable-mcp/contract";
import type { EndpointContext } from "./endpoint-context.js";
import type { FollowableSession } from "./followable-session.js";
import { checkProtocolVersion } from "./guards.js";
import type { HttpRequest } from "./http.js";
import { isRequest, type JsonRpcRequest } from "./json-rpc.js";
import { openingOf } from "./opening-request.js";
import type { EndpointSettings, SessionOpener } from "./options.js";
import type { Payload } from "./payload.js";
import { allowsBatches } from "./protocol-version.js";
import { randomName } from "./random-name.js";
import type { RemoteSession } from "./remote-session.js";
import type { Session } from "./session.js";
import { notOwner, sessionNotFound } from "./session-errors.js";
import { newShape } from "./session-shape.js";

/** How a request comes by its session. */
export interface SessionAccess {
  /** The session that the messages of a POST belong to: a living one, or a new one for initialize. */
  forMessages(request: HttpRequest, payload: Payload): Promise<Session | RemoteSession>;
  /** The session whose streams a GET follows. */
  forStreams(request: HttpRequest): Promise<FollowableSession>;
  /** DELETE: ends the session for good. */
  terminate(request: HttpRequest): Promise<void>;
}

/** Sessions are named by their header, belong to their principal, and are opened by initialize. */
export class SessionByHeader implements SessionAccess {
  readonly #context: EndpointContext;
  readonly #principal: string;
  readonly #opener: SessionOpener;

  constructor(context: EndpointContext, principal: string, opener: SessionOpener) {
    this.#context = context;
    this.#principal = principal;
    this.#opener = opener;
  }

  /** Errors:  SESSION_REQUIRED, INVALID_REQUEST (400); SESSION_NOT_FOUND (404); what opening a session says */
  async forMessages(request: HttpRequest, payload: Payload): Promise<Session | RemoteSession> {
    const initialize = initializeIn(payload);
    if (!request.headers["mcp-session-id"] && initialize) return this.open(request, payload, initialize);
    const session = await this.#find(request);
    if (initialize) {
      throw new DurableMcpError(
        "INVALID_REQUEST",
        "Invalid Request: Server already initialized; send initialize without Mcp-Session-Id to open another session",
      );
    }
    refuseBatch(payload, session.protocolVersion, this.#context.settings);
    // What a running call waits for is no new work.
    if (payload.messages.some(isRequest)) this.#context.refuseNewWork();
    return session;
  }

  forStreams(request: HttpRequest): Promise<FollowableSession> {
    return this.#find(request);
  }

  /** Errors:  SESSION_REQUIRED (400); SESSION_NOT_FOUND (404), for a session of somebody else too (G3, G9) */
  async terminate(request: HttpRequest): Promise<void> {
    const ended = await this.#context.directory.terminate(
      this.#toBeEnded(request),
      this.#principal,
      this.#opener.createServer,
    );
    if (!ended) throw sessionNotFound();
  }

  /** Refuses a DELETE that `terminate` would refuse, and ends nothing. */
  async checkTerminable(request: HttpRequest): Promise<void> {
    const known = await this.#context.directory.has(this.#toBeEnded(request), this.#principal);
    if (!known) throw sessionNotFound();
  }

  /** Opens a session, whatever the header says. */
  async open(request: HttpRequest, payload: Payload, initialize: JsonRpcRequest): Promise<Session> {
    const { directory, settings } = this.#context;
    refuseBatch(payload, requestedVersion(initialize), settings);
    const { createServer, sessionIdGenerator } = this.#opener;
    this.#context.refuseOpening();
    const shape = newShape(initialize.params ?? {}, openingOf(request, settings.storedHeaders));
    return directory.owned.open(newSessionId(sessionIdGenerator), this.#principal, shape, createServer);
  }

  #toBeEnded(request: HttpRequest): string {
    const { directory } = this.#context;
    const id = sessionIdOf(request);
    this.#context.refuseWhenClosed();
    checkProtocolVersion(request.headers["mcp-protocol-version"], directory.live.get(id)?.protocolVersion);
    return id;
  }

  /**
   * The caller's session that the header names, kept from expiring.
   *
   * Errors:  SESSION_NOT_FOUND (404), the same for a session of somebody else and for none (G3, G9)
   */
  async #find(request: HttpRequest): Promise<Session | RemoteSession> {
    const id = sessionIdOf(request);
    this.#context.refuseWhenClosed();
    const session = await this.#findHere(id);
    checkProtocolVersion(request.headers["mcp-protocol-version"], session.protocolVersion);
    return session;
  }

  /** Looks again if the session changes hands while it is looked for. */
  async #findHere(id: string, attempts = 3): Promise<Session | RemoteSession> {
    const session = await this.#context.directory.find(id, this.#principal, this.#opener.createServer);
    if (!session) throw sessionNotFound();
    await session.touch(Date.now());
    if (!session.released) return session;
    if (attempts === 1) throw notOwner();
    return this.#findHere(id, attempts - 1);
  }
}

/** Errors:  INVALID_REQUEST for a batch on a revision that has none */
export function refuseBatch(
  { batch }: Payload,
  version: string,
  { batches }: Pick<EndpointSettings, "batches">,
): void {
  if (batch && batches === "by-revision" && !allowsBatches(version)) {
    throw new DurableMcpError("INVALID_REQUEST", `Invalid Request: revision ${version} has no batches`);
  }
}

/**
 * The initialize request among the messages, if there is one.
 *
 * Errors:  INVALID_REQUEST if it does not come alone
 */
export function initializeIn({ messages }: Payload): JsonRpcRequest | undefined {
  const initialize = messages.filter(isRequest).find(({ method }) => method === "initialize");
  if (initialize && messages.length > 1) {
    throw new DurableMcpError(
      "INVALID_REQUEST",
      "Invalid Request: Only one initialization request is allowed, and it must come alone, not in a batch",
    );
  }
  return initialize;
}

/**
 * A new session id.
 *
 * Errors:  INTERNAL if the application's generator makes something that is no session id
 * Source:  MCP 2025-11-25, Session Management (visible ASCII)
 */
function newSessionId(generate: (() => string) | undefined): string {
  const id = generate?.() ?? randomName(24);
  if (/^[\x21-\x7e]+$/.test(id)) return id;
  throw new DurableMcpError(
    "INTERNAL",
    "sessionIdGenerator must return visible ASCII characters, at least one.",
  );
}

/** Errors:  SESSION_REQUIRED (400) */
export function sessionIdOf(request: HttpRequest): string {
  const id = request.headers["mcp-session-id"];
  if (id) return id;
  throw new DurableMcpError(
    "SESSION_REQUIRED",
    "Bad Request: the Mcp-Session-Id header is required; it comes with the answer to initialize",
  );
}

function requestedVersion(initialize: JsonRpcRequest): string {
  const version = initialize.params?.protocolVersion;
  return typeof version === "string" ? version : "";
}
