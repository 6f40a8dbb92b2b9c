import type { McpEndpoint } from "@durable-mcp/core";
import { answerWebRequest } from "./answer-web-request.js";
import type { RequestFacts } from "./web-request.js";

/**
 * The endpoint as a function from a web-standard request to its response, whatever its path: what Hono, Bun, Deno and
 * Next.js route to. It never rejects.
 *
 * Source:  MCP 2025-11-25, Streamable HTTP
 */
export function createWebHandler(
  endpoint: McpEndpoint,
): (request: Request, facts?: RequestFacts) => Promise<Response> {
  return (request, facts = {}) =>
    answerWebRequest(request, facts, (asked, answer) => endpoint.handle(asked, answer));
}
