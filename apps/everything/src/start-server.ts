import { createServer, type Server } from "node:http";
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
  /** Lets go of everything but the store. */
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
    ...(options["on-interrupted"] === "dispatch-again" ? { onInterrupted: () => "dispatch-again" } : {}),
  });
  server.on("request", await createListener(endpoint, PATH));
  return { url: `http://${HOST}:${port}${PATH}`, close: () => close(endpoint, server) };
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

async function close(endpoint: McpEndpoint, server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  await endpoint.close();
  server.closeAllConnections();
  await closed;
}
