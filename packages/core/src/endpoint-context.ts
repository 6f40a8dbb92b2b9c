import { DurableMcpError, parseStreamId } from "@durable-mcp/contract";
import type { HttpRequest } from "./http.js";
import type { EndpointSettings } from "./options.js";
import { randomName } from "./random-name.js";
import type { Session } from "./session.js";
import type { SessionDirectory } from "./session-directory.js";

/** What the verbs share. */
export class EndpointContext {
  readonly settings: EndpointSettings;
  readonly directory: SessionDirectory;
  closing = false;

  constructor(settings: EndpointSettings, directory: SessionDirectory) {
    this.settings = settings;
    this.directory = directory;
  }

  /**
   * A new session id.
   *
   * Errors:  INTERNAL if the application's generator makes something that is no session id
   * Source:  MCP 2025-11-25, Session Management (visible ASCII)
   */
  newSessionId(): string {
    const id = this.settings.sessionIdGenerator?.() ?? randomName(24);
    if (/^[\x21-\x7e]+$/.test(id)) return id;
    throw new DurableMcpError(
      "INTERNAL",
      "sessionIdGenerator must return visible ASCII characters, at least one.",
    );
  }

  /**
   * The session that the header names.
   *
   * Errors:  SESSION_REQUIRED (400)
   */
  sessionIdOf(request: HttpRequest): string {
    const id = request.headers["mcp-session-id"];
    if (id) return id;
    throw new DurableMcpError(
      "SESSION_REQUIRED",
      "Bad Request: the Mcp-Session-Id header is required; it comes with the answer to initialize",
    );
  }

  /**
   * The caller's session of that id, kept from expiring.
   *
   * Errors:  SESSION_NOT_FOUND (404), the same for a session of somebody else and for none (G3, G9)
   */
  async findSession(id: string, principal: string): Promise<Session> {
    this.refuseWhenClosing();
    const session = await this.directory.find(id, principal);
    await session?.touch(Date.now());
    if (!session || session.released) throw sessionNotFound();
    return session;
  }

  /** Errors:  DRAINING (503) */
  refuseWhenClosing(): void {
    if (this.closing) throw new DurableMcpError("DRAINING", "This server is shutting down; try again.");
  }

  /** Whether a stream's id names the request ids that it answers. */
  idsTravel(streamId: string): boolean {
    const name = parseStreamId(streamId);
    return name?.kind === "post" && name.requestIds !== undefined;
  }

  /** Puts a fault of this side into the log, and passes the error on. */
  reported(error: DurableMcpError): DurableMcpError {
    const { code, message, cause } = error;
    if (code === "INTERNAL" || code.startsWith("STORE_")) {
      const stack = cause instanceof Error ? cause.stack : undefined;
      this.settings.logger.error("durable-mcp: a request failed", { code, message, ...(stack && { stack }) });
    }
    return error;
  }
}

export function sessionNotFound(): DurableMcpError {
  return new DurableMcpError("SESSION_NOT_FOUND", "Session not found");
}
