import type { Readable } from "node:stream";
import type { HttpBody, McpEndpoint } from "@durable-mcp/core";
import { handleNodeRequest, type RequestFacts, readStream } from "@durable-mcp/node";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";

export interface McpPluginOptions {
  /** Answers the requests. It is closed with the application, which would otherwise wait for open streams. */
  readonly endpoint: McpEndpoint;
  /** Path of the MCP endpoint, below the prefix it is registered with. Default: "/mcp". */
  readonly path?: string;
  /** What handlers get as `extra.authInfo`. Default: `request.raw.auth`. */
  readonly authInfo?: (request: FastifyRequest) => unknown;
}

/**
 * A Fastify plugin that answers MCP at one path. The application's hooks run as for any route, and what they set on the
 * reply is kept; its parsers and body limit do not concern this route.
 *
 * Source:  MCP 2025-11-25, Streamable HTTP (one path for POST, GET and DELETE)
 */
export const mcpPlugin = fastifyPlugin(registerMcp, {
  name: "@durable-mcp/fastify",
  fastify: ">=5",
  // The route's parsers are nobody else's.
  encapsulate: true,
});

async function registerMcp(scope: FastifyInstance, options: McpPluginOptions): Promise<void> {
  const { endpoint, path, authInfo } = checked(options);
  scope.removeAllContentTypeParsers();
  // The endpoint reads the body itself, from whatever preParsing hooks have made of it.
  scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  scope.addHook("preClose", () => endpoint.close());
  scope.all(path, { exposeHeadRoute: false }, (request, reply) => {
    answer(request, reply, bodyFrom(request));
  });
  scope.setErrorHandler((error: { readonly code?: string }, request, reply) => {
    // DELETE the endpoint would serve without the body, past the hooks that have not run.
    if (error.code !== "FST_ERR_CTP_INVALID_MEDIA_TYPE" || request.method === "DELETE") throw error;
    answer(request, reply, { readBody: async () => ({ outcome: "unsupported", header: "Content-Type" }) });
  });

  function answer(request: FastifyRequest, reply: FastifyReply, body: RequestFacts): void {
    const auth = authInfo?.(request);
    reply.hijack();
    keepHeaders(reply);
    void handleNodeRequest(endpoint, request.raw, reply.raw, {
      ...body,
      url: request.originalUrl,
      secure: request.protocol === "https",
      ...(auth === undefined ? {} : { authInfo: auth }),
    });
  }
}

/** The body that the route's parser has handed on, unread. */
function bodyFrom({ body, raw }: FastifyRequest): RequestFacts {
  // Unchanged, it is the request itself, whose headers tell its length and encoding.
  if (body === undefined || body === raw) return {};
  return { readBody: (maxBytes): Promise<HttpBody> => readStream(body as Readable, undefined, maxBytes) };
}

/** A hijacked reply sends only what is on the raw response: what hooks have set (CORS, say) is put there. */
function keepHeaders(reply: FastifyReply): void {
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
}

/** Errors:  TypeError that names each wrong option and what was expected */
function checked({ endpoint, path = "/mcp", authInfo }: McpPluginOptions) {
  if (typeof endpoint?.handle !== "function") {
    throw new TypeError("mcpPlugin: options.endpoint: expected an endpoint made by createMcpEndpoint");
  }
  if (typeof path !== "string" || !path.startsWith("/")) {
    throw new TypeError(`mcpPlugin: options.path: expected a path that begins with "/", got ${path}`);
  }
  if (authInfo !== undefined && typeof authInfo !== "function") {
    throw new TypeError("mcpPlugin: options.authInfo: expected a function");
  }
  return { endpoint, path, authInfo };
}
