import { DurableMcpError } from "@durable-mcp/contract";
import type { EndpointCore } from "./endpoint-core.js";
import type { FollowableSession } from "./followable-session.js";
import { checkProtocolVersion } from "./guards.js";
import type { HttpRequest } from "./http.js";
import { openingOf } from "./opening-request.js";
import type { SessionOpener } from "./options.js";
import type { Payload } from "./payload.js";
import { DEFAULT_VERSION } from "./protocol-version.js";
import { randomName } from "./random-name.js";
import type { RemoteSession } from "./remote-session.js";
import type { Session } from "./session.js";
import {
  initializeIn,
  refuseBatch,
  type SessionAccess,
  type SessionByHeader,
  sessionIdOf,
} from "./session-access.js";
import { sessionNotFound } from "./session-errors.js";
import { newShape } from "./session-shape.js";

/** The one session of a drop-in transport. */
export interface OwnSession {
  /** undefined until it is opened. */
  id: string | undefined;
  /** Whether an initialize has come. */
  taken: boolean;
  /** Whether a session that the transport does not have yet may be in its store. */
  readonly restorable: boolean;
  /** The client wants it to end. */
  deleted(id: string): Promise<void>;
  /** The session has been ended for good. */
  ended(): void;
}

/** A transport serves one session: the one that it has opened, or the first one that it has brought back. */
export class SessionOfTransport implements SessionAccess {
  readonly #own: OwnSession;
  readonly #byHeader: SessionByHeader;

  constructor(own: OwnSession, byHeader: SessionByHeader) {
    this.#own = own;
    this.#byHeader = byHeader;
  }

  async forMessages(request: HttpRequest, payload: Payload): Promise<Session | RemoteSession> {
    const initialize = initializeIn(payload);
    if (!initialize) {
      this.#refuseOthers(request);
      return this.#byHeader.forMessages(request, payload);
    }
    if (this.#own.taken) {
      throw new DurableMcpError("INVALID_REQUEST", "Invalid Request: Server already initialized");
    }
    this.#own.taken = true;
    try {
      return await this.#byHeader.open(request, payload, initialize);
    } catch (error) {
      this.#own.taken = false;
      throw error;
    }
  }

  async forStreams(request: HttpRequest): Promise<FollowableSession> {
    this.#refuseOthers(request);
    return this.#byHeader.forStreams(request);
  }

  async terminate(request: HttpRequest): Promise<void> {
    this.#refuseOthers(request);
    await this.#byHeader.checkTerminable(request);
    try {
      await this.#own.deleted(sessionIdOf(request));
    } finally {
      await this.#byHeader.terminate(request);
      this.#own.ended();
    }
  }

  /** Errors:  SESSION_REQUIRED (400), SESSION_NOT_FOUND (404) */
  #refuseOthers(request: HttpRequest): void {
    const { id, restorable } = this.#own;
    if (id === undefined && !restorable) {
      throw new DurableMcpError("SESSION_REQUIRED", "Bad Request: Server not initialized");
    }
    if (sessionIdOf(request) !== (id ?? sessionIdOf(request))) throw sessionNotFound();
  }
}

/** Stateless mode: the session lasts for one request and is named to nobody. */
export class Sessionless implements SessionAccess {
  readonly #core: EndpointCore;
  readonly #createServer: SessionOpener["createServer"];

  constructor(core: EndpointCore, createServer: SessionOpener["createServer"]) {
    this.#core = core;
    this.#createServer = createServer;
  }

  async forMessages(request: HttpRequest, payload: Payload): Promise<Session> {
    const initialize = initializeIn(payload);
    const version = request.headers["mcp-protocol-version"];
    if (!initialize) checkProtocolVersion(version);
    const params = initialize?.params ?? { protocolVersion: version ?? DEFAULT_VERSION };
    refuseBatch(payload, String(params.protocolVersion), this.#core.context.settings);
    return this.#open(request, params);
  }

  async forStreams(request: HttpRequest): Promise<Session> {
    const version = request.headers["mcp-protocol-version"];
    checkProtocolVersion(version);
    return this.#open(request, { protocolVersion: version ?? DEFAULT_VERSION });
  }

  /** There is no session to end. */
  async terminate(request: HttpRequest): Promise<void> {
    checkProtocolVersion(request.headers["mcp-protocol-version"]);
  }

  #open(request: HttpRequest, params: Readonly<Record<string, unknown>>): Promise<Session> {
    const shape = newShape(params, openingOf(request, []));
    return this.#core.directory.owned.open(randomName(24), "", shape, this.#createServer);
  }
}
