import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { StartupError } from "./startup-error.js";

/** Longer than the idle time of the usual load balancers, so that they close connections and not we under them. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/** What the gateway answers over HTTP. */
export interface HttpRoutes {
  /** Takes every path that is not for health. */
  readonly mcp: RequestListener;
  /** Whether requests can be served now. */
  isReady(): Promise<boolean>;
}

/** `/healthz`: the process lives. `/readyz`: it can serve. All else is the endpoint's. */
export function createHttpServer(routes: HttpRoutes): Server {
  return createServer({ keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS }, (request, response) => {
    const [path] = (request.url ?? "/").split("?", 1);
    if (path !== "/healthz" && path !== "/readyz") return routes.mcp(request, response);
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return sendJson(response, 405, { status: "method not allowed" });
    }
    if (path === "/healthz") return sendJson(response, 200, { status: "ok" });
    routes
      .isReady()
      .then((ready) => sendJson(response, ready ? 200 : 503, { status: ready ? "ready" : "not ready" }));
  });
}

/**
 * Starts listening.
 *
 * Returns: the port
 * Errors:  StartupError that says why it cannot
 */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    // Stays: later errors concern one connection only and must not end the process.
    server.on("error", (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)));
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): StartupError {
  const where = `port ${port} on ${host}`;
  if (error.code === "EADDRINUSE")
    return new StartupError(`${where} is already in use; --port chooses another`);
  if (error.code === "EACCES") return new StartupError(`${where} may not be used; --port chooses another`);
  return new StartupError(`cannot listen on ${where}: ${error.message}`);
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(`${JSON.stringify(body)}\n`);
}
