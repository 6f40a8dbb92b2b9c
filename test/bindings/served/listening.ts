import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServedEndpoint } from "@durable-mcp/contract-tests";
import type { McpEndpoint } from "@durable-mcp/core";

/** Has an endpoint served by a listener on a free port, and closed as a program does that shuts down. */
export async function listening(endpoint: McpEndpoint, listener: RequestListener): Promise<ServedEndpoint> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: urlOf(server),
    endpoint,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      await endpoint.close();
      await closed;
    },
  };
}

export function urlOf(server: Pick<Server, "address">): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}
