import { sendStatus } from "./answers.js";
import { corsHeaders, isPreflight, preflightHeaders, ResponseWithHeaders } from "./cors.js";
import { type DrainOptions, drain, parseDrainOptions } from "./drain.js";
import { EndpointCore, type Front } from "./endpoint-core.js";
import { checkHostAndOrigin } from "./guards.js";
import type { HttpRequest, HttpResponse } from "./http.js";
import { ENDPOINT_MANNERS, type McpEndpointOptions, parseOptions } from "./options.js";
import { identify, type Principal } from "./principal.js";
import { SessionByHeader } from "./session-access.js";
import { listSessions, type SessionEntry } from "./session-list.js";

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
   * A principal's live sessions, newest first, whichever process serves them.
   *
   * Shapes:  principal: as the `principal` option names it; undefined for the sessions of nobody in particular
   * Errors:  STORE_UNAVAILABLE (retryable)
   * Source:  G9
   */
  sessions(principal?: Principal): Promise<readonly SessionEntry[]>;

  /**
   * Resolves if requests of new clients can be served now: for a readiness probe.
   *
   * Errors:  DRAINING; what the store says
   * Source:  G8, G10
   */
  ready(): Promise<void>;

  /**
   * Takes the endpoint out of service without harm: it is not ready from now on, and opens no sessions unless other nodes
   * share its store; it serves those that it has for `readinessGraceMs`, then tells clients of GET streams to come back,
   * refuses new calls with 503, waits for those that run until `deadlineMs` is over, and closes; where other nodes share
   * its store, they have each session as soon as nothing runs for it here. Asked again, it is the same draining.
   *
   * Returns: resolves when the endpoint is closed
   * Errors:  TypeError that names each wrong or unknown option
   * Source:  G10
   */
  drain(options?: DrainOptions): Promise<void>;

  /**
   * Lets go of everything here at once: new requests get 503, open connections end with a `retry`, server objects are closed.
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
  const settings = { ...parseOptions(options), ...ENDPOINT_MANNERS };
  const core = new EndpointCore(settings);
  core.housekeeping.start();
  const front: Front = {
    enter: async (request, response) => {
      checkHostAndOrigin(request.headers, settings.allowedHosts, settings.allowedOrigins);
      if (isPreflight(request)) {
        sendStatus(response, 204, preflightHeaders(request.headers));
        return undefined;
      }
      return new SessionByHeader(core.context, await identify(request, settings.principal), settings);
    },
  };
  const closing = new AbortController();
  let draining: Promise<void> | undefined;
  const close = async () => {
    core.context.phase = "closed";
    closing.abort();
    core.housekeeping.stop();
    await core.directory.close();
  };
  return {
    handle: (request, response) => {
      const cors = corsHeaders(request.headers, settings.allowedOrigins);
      return core.handle(request, cors ? new ResponseWithHeaders(response, cors) : response, front);
    },
    stats: () => {
      const { live, here } = core.directory;
      return {
        sessions: live.size,
        calls: [...live.values()].reduce((sum, { calls }) => sum + calls.size, 0),
        connections: here.reduce((sum, { connections }) => sum + connections.size, 0),
        bufferedBytes: here.reduce((sum, { connections }) => sum + connections.bufferedBytes, 0),
      };
    },
    sessions: (principal) => listSessions(settings.store.sessions, principal),
    ready: async () => {
      core.context.refuseWhenLeaving();
      await settings.store.ready();
    },
    drain: async (options = {}) => {
      const times = parseDrainOptions(options);
      draining ??= drain(core, times, closing.signal).then(close);
      return draining;
    },
    close,
  };
}
