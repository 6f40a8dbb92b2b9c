import type { McpEndpoint } from "@durable-mcp/core";
import { handleNodeRequest, type RequestFacts } from "@durable-mcp/node";
import type { Context, Middleware } from "koa";

export interface McpMiddlewareOptions {
  /** Path of the MCP endpoint; requests of other paths are handed on. Default: "/mcp". */
  readonly path?: string;
  /** What handlers get as `extra.authInfo`. Default: `ctx.state.auth`. */
  readonly authInfo?: (ctx: Context) => unknown;
}

/**
 * A Koa middleware that answers MCP at one path. Headers that middlewares before it have set stay on the answer.
 *
 * Errors:  TypeError for a wrong option
 * Source:  MCP 2025-11-25, Streamable HTTP (one path for POST, GET and DELETE)
 */
export function createMcpMiddleware(endpoint: McpEndpoint, options: McpMiddlewareOptions = {}): Middleware {
  const { path = "/mcp", authInfo = (ctx) => ctx.state.auth } = options;
  if (!path.startsWith("/")) {
    const message = `createMcpMiddleware: options.path: expected a path that begins with "/", got ${path}`;
    throw new TypeError(message);
  }
  return async (ctx, next) => {
    if (ctx.path !== path) return next();
    // Koa would answer with its own status and body, 404 and "Not Found", when the middlewares are done.
    ctx.respond = false;
    await handleNodeRequest(endpoint, ctx.req, ctx.res, {
      // A router may have changed `url`; `secure` heeds the application's `proxy`.
      url: ctx.originalUrl,
      secure: ctx.secure,
      authInfo: authInfo(ctx),
      ...bodyFactsOf(ctx),
    });
  };
}

/** The body, where a parser has read it. Parsers put an empty object there when they have not. */
function bodyFactsOf(ctx: Context & { readonly request: { readonly body?: unknown } }): RequestFacts {
  const { body } = ctx.request;
  if (!ctx.req.readableDidRead || body === undefined) return {};
  // Read as text, and not parsed.
  if (typeof body === "string") return { readBody: async () => ({ outcome: "text", text: body }) };
  return { parsedBody: body };
}
