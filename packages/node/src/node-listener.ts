import type { IncomingMessage, ServerResponse } from "node:http";
import type { McpEndpoint } from "@durable-mcp/core";
import { nodeRequest, type RequestFacts } from "./node-request.js";
import { NodeResponse } from "./node-response.js";

/**
 * Answers one native request through an endpoint, whatever its path.
 *
 * Returns: resolves when the answer has begun, or is finished if it is no stream. Never rejects
 */
export async function handleNodeRequest(
  endpoint: McpEndpoint,
  request: IncomingMessage & { readonly auth?: unknown },
  response: ServerResponse,
  facts: RequestFacts = {},
): Promise<void> {
  await endpoint.handle(nodeRequest(request, facts), new NodeResponse(response));
}

export interface NodeListenerOptions {
  /** Path of the MCP endpoint; other paths get a 404. Default: every path. */
  readonly path?: string;
}

/**
 * A listener for `http.createServer`.
 *
 * Source:  MCP 2025-11-25, Streamable HTTP (one path for POST, GET and DELETE)
 */
export function createNodeListener(
  endpoint: McpEndpoint,
  options: NodeListenerOptions = {},
): (request: IncomingMessage, response: ServerResponse) => void {
  const { path } = options;
  if (path !== undefined && !path.startsWith("/")) {
    throw new TypeError(
      `createNodeListener: options.path: expected a path that begins with "/", got ${path}`,
    );
  }
  return (request, response) => {
    if (path !== undefined && request.url?.split("?", 1)[0] !== path) {
      response.writeHead(404, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: `Not found. The MCP endpoint is ${path}` }));
      return;
    }
    void handleNodeRequest(endpoint, request, response);
  };
}
