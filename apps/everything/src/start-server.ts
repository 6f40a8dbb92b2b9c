import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Store } from "@durable-mcp/contract";
import { createMcpEndpoint, type HttpRequest, type McpEndpoint, type Principal } from "@durable-mcp/core";
import type { CliOptions } from "./cli-options.js";
import { loadBinding } from "./load-binding.js";
import { loadSdk } from "./load-sdk.js";

const LOOPBACK = ["localhost", "127.0.0.1"] as const;
const HOST = "127.0.0.1";
const PATH = "/mcp";

export interface RunningServer {
  readonly url: string;
  /** Finishes what runs, then lets go of everything but the store. */
  close(): Promise<void>;
}

/** Serves everything on HTTP. */
export async function startServer(options: CliOptions, store: Store): Promise<RunningServer> {
  const createServerObject = await loadSdk(options.sdk);
  const createListener = await loadBinding(options.binding);
  const server = createServer();
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  const endpoint = createMcpEndpoint({
    createServer: createServerObject,
    store,
    allowedHosts: [...LOOPBACK],
    allowedOrigins: [...LOOPBACK.map((host) => `http://${host}:${port}`), ...options["allow-origin"]],
    ...(options.principals ? { principal: principalOf } : {}),
    ...(options["idle-ttl-ms"] === undefined ? {} : { idleTtlMs: options["idle-ttl-ms"] }),
    ...(options["retry-ms"] === undefined ? {} : { retryMs: options["retry-ms"] }),
    ...(options["node-id"] === undefined ? {} : { nodeId: options["node-id"] }),
    ...(options["heartbeat-ttl-ms"] === undefined ? {} : { heartbeatTtlMs: options["heartbeat-ttl-ms"] }),
    ...(options["on-interrupted"] === "dispatch-again" ? { onInterrupted: () => "dispatch-again" } : {}),
  });
  const mcp = await createListener(endpoint, PATH);
  server.on("request", (request, response) => {
    if (request.url === "/readyz") void answerProbe(endpoint, response);
    else mcp(request, response);
  });
  return { url: `http://${HOST}:${port}${PATH}`, close: () => close(endpoint, server, options) };
}

async function answerProbe(endpoint: McpEndpoint, response: ServerResponse): Promise<void> {
  const reason = await endpoint.ready().catch((error: Error) => error.message);
  response.writeHead(reason === undefined ? 200 : 503, { "content-type": "text/plain" });
  response.end(reason ?? "ready");
}

function principalOf({ headers }: HttpRequest): Principal | undefined {
  const subject = headers["x-test-user"];
  return subject === undefined ? undefined : { issuer: "test", subject, client: "test" };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, HOST, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function close(endpoint: McpEndpoint, server: Server, options: CliOptions): Promise<void> {
  const readinessGraceMs = options["readiness-grace-ms"];
  await endpoint.drain({ readinessGraceMs, deadlineMs: readinessGraceMs + options["drain-ms"] });
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
