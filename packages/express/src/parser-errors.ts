import type { HttpBody, McpEndpoint } from "@durable-mcp/core";
import { handleNodeRequest } from "@durable-mcp/node";
import type { ErrorRequestHandler } from "express";
import { factsOf } from "./facts.js";

/**
 * Answers as MCP what a body parser before the router has refused (too large, not JSON), where Express would answer with
 * a page of HTML. To be mounted with the router: `app.use("/mcp", createMcpRouter(endpoint), answerParserErrors(endpoint))`.
 * Other errors, and those of GET and DELETE, which need no body, are handed on.
 */
export function answerParserErrors(endpoint: McpEndpoint): ErrorRequestHandler {
  return (error, request, response, next) => {
    // These the endpoint would serve without the body, past what stands between the parser and the router.
    const isServed = request.method === "GET" || request.method === "DELETE";
    const body = isServed ? undefined : bodyRefused(error);
    if (!body || response.headersSent) {
      next(error);
      return;
    }
    void handleNodeRequest(endpoint, request, response, { ...factsOf(request), readBody: async () => body });
  };
}

/** What a parser's error says about the body; undefined if it is none of a parser's. */
function bodyRefused(error: ParserError): HttpBody | undefined {
  switch (error?.type) {
    case "entity.too.large":
      return { outcome: "too-large", ...(error.limit === undefined ? {} : { maxBytes: error.limit }) };
    case "entity.parse.failed":
      // Whatever made the parser refuse it: the endpoint is to refuse it, too.
      return { outcome: "text", text: "" };
    case "charset.unsupported":
      return { outcome: "unsupported", header: "Content-Type" };
    case "encoding.unsupported":
      return { outcome: "unsupported", header: "Content-Encoding" };
    default:
      // A compressed body that is none.
      return error?.code?.startsWith("Z_")
        ? { outcome: "unsupported", header: "Content-Encoding" }
        : undefined;
  }
}

/** An error of body-parser. */
interface ParserError {
  readonly type?: string;
  readonly code?: string;
  readonly limit?: number;
}
