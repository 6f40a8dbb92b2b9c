import type { McpEndpoint } from "@durable-mcp/core";
import { handleNodeRequest } from "@durable-mcp/node";
import { Router } from "express";
import { bodyFactsOf, factsOf } from "./facts.js";

/**
 * A router that answers MCP at the path it is mounted at, and at no other. A body parser may stand before it.
 *
 * Source:  MCP 2025-11-25, Streamable HTTP (one path for POST, GET and DELETE)
 */
export function createMcpRouter(endpoint: McpEndpoint): Router {
  return Router().all("/", (request, response) => {
    void handleNodeRequest(endpoint, request, response, { ...factsOf(request), ...bodyFactsOf(request) });
  });
}
