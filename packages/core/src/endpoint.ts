import { DurableMcpError } from "@durable-mcp/contract";
import { asDurableMcpError, sendError, sendStatus } from "./answers.js";
import { EndpointContext, sessionNotFound } from "./endpoint-context.js";
import { handleGet } from "./get.js";
import { checkHostAndOrigin, checkProtocolVersion } from "./guards.js";
import { Housekeeping } from "./housekeeping.js";
import type { HttpRequest, HttpResponse } from "./http.js";
import { type McpEndpointOptions, parseOptions } from "./options.js";
import { handlePost } from "./post.js";
import { identify } from "./principal.js";
import type { Session } from "./session.js";
import { SessionDirectory } from "./session-directory.js";

/** What an endpoint holds in this process right now. */
export interface EndpointStats {
  /** Sessions with a server object here. */
  readonly sessions: number;
  /** Requests of clients that have no response yet. */
  readonly calls: number;
  /** Open SSE connections. */
  readonly connections: number;
  /** Bytes written to SSE connections and not yet taken over by the operating system (G7). */
  readonly bufferedBytes: number;
}

/** A durable MCP endpoint. A binding puts it behind an HTTP server. */
export interface McpEndpoint {
  /** Answers one HTTP request. Never rejects. */
  handle(request: HttpRequest, response: HttpResponse): Promise<void>;

  stats(): EndpointStats;

  /**
   * Lets go of everything here: new requests get 503, open connections end with a `retry`, server objects are closed.
   * Sessions stay in the store; the next endpoint on it goes on with them. Does not close the store.
   */
  close(): Promise<void>;
}

/**
 * Makes an MCP endpoint whose sessions and streams live in `store`.
 *
 * Errors:  TypeError that names each wrong or unknown option
 * Source:  G1-G4, G7, G9; MCP 2025-03-26 to 2025-11-25, Streamable HTTP
 */
export function createMcpEndpoint(options: McpEndpointOptions): McpEndpoint {
  const settings = parseOptions(options);
  const directory = new SessionDirectory(settings, settings.nodeId ?? crypto.randomUUID());
  const context = new EndpointContext(settings, directory);
  const housekeeping = new Housekeeping(settings, directory);

  const answer = async (request: HttpRequest, response: HttpResponse): Promise<void> => {
    checkHostAndOrigin(request.headers, settings.allowedHosts, settings.allowedOrigins);
    const principal = await identify(request, settings.principal);
    switch (request.method) {
      case "POST":
        return handlePost(context, principal, request, response);
      case "GET":
        return handleGet(context, principal, request, response);
      case "DELETE": {
        const id = context.sessionIdOf(request);
        context.refuseWhenClosing();
        checkProtocolVersion(request.headers["mcp-protocol-version"]);
        if (!(await directory.terminate(id, principal))) throw sessionNotFound();
        return sendStatus(response, 200);
      }
      default:
        throw new DurableMcpError("METHOD_NOT_ALLOWED", `Method ${request.method} is not allowed here.`);
    }
  };

  return {
    handle: async (request, response) => {
      try {
        await answer(request, response);
      } catch (error) {
        sendError(response, context.reported(asDurableMcpError(error)));
      }
    },
    stats: () => {
      const sessions = [...directory.live.values()];
      const sumOf = (count: (session: Session) => number) =>
        sessions.reduce((sum, session) => sum + count(session), 0);
      return {
        sessions: sessions.length,
        calls: sumOf(({ calls }) => calls.size),
        connections: sumOf(({ connections }) => connections.size),
        bufferedBytes: sumOf(({ connections }) => connections.bufferedBytes),
      };
    },
    close: async () => {
      context.closing = true;
      housekeeping.stop();
      await directory.close();
    },
  };
}
