import { createMcpEndpoint, type McpEndpoint } from "@durable-mcp/core";
import { createNodeListener } from "@durable-mcp/node";
import { type AppConfig, readConfig } from "./config.js";
import { GatewaySessions } from "./gateway-sessions.js";
import { createHttpServer, listen } from "./http-server.js";
import type { Log } from "./log.js";
import { openStore } from "./open-store.js";
import type { GatewayOptions } from "./options.js";
import { createReadiness } from "./readiness.js";
import { GATEWAY_INFO } from "./version.js";

/** The endpoint's path. */
const PATH = "/mcp";

/** A gateway that listens. */
export interface Gateway {
  /** The endpoint's URL. */
  readonly url: string;
  readonly apps: readonly AppConfig[];
  /** Lets running calls finish, stops listening, ends upstreams, closes the store. Sessions live on in a durable store. */
  close(): Promise<void>;
}

/**
 * Reads the configuration, opens the store and listens; no upstream is started before a session needs it.
 *
 * Errors:  StartupError; nothing is left open
 */
export async function startGateway(options: GatewayOptions, log: Log): Promise<Gateway> {
  const apps = readConfig(options.configFile);
  const store = await openStore(options.store);
  const sessions = new GatewaySessions(apps, log);
  const endpoint = createMcpEndpoint({
    createServer: (context) => sessions.createServer(context),
    store,
    allowedHosts: ["localhost", "127.0.0.1", "[::1]", options.host],
    maxSessions: options.maxSessions,
    // Nobody is authenticated: all callers are the same principal.
    maxSessionsPerPrincipal: options.maxSessions,
    idleTtlMs: options.idleTtlMs,
    logger: log,
  });
  const server = createHttpServer({
    mcp: createNodeListener(endpoint, { path: PATH }),
    isReady: createReadiness(() => endpoint.ready(), log),
  });

  const close = async () => {
    // Running calls may need their clients' answers, which come by connections of their own.
    await drainEndpoint(endpoint, options.drainMs, log);
    const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await sessions.close();
    await store.close();
    await stopped;
  };

  try {
    const port = await listen(server, options.host, options.port);
    const names = apps.map((app) => app.name);
    log.info("listening", { port, store: options.store.kind, version: GATEWAY_INFO.version, apps: names });
    const host = options.host.includes(":") ? `[${options.host}]` : options.host;
    return { url: `http://${host}:${port}${PATH}`, apps, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function drainEndpoint(endpoint: McpEndpoint, deadlineMs: number, log: Log): Promise<void> {
  try {
    // There is one process per store: nobody else could take what comes during a grace.
    await endpoint.drain({ readinessGraceMs: 0, deadlineMs });
  } catch (error) {
    // Upstreams and store must be closed all the same.
    log.error("endpoint did not close cleanly", { cause: error });
  }
}
