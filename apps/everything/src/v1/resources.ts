import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import type { EverythingSession } from "../everything-session.js";
import { notFoundMessage, RESOURCES, readResource, TEMPLATE } from "../resources.js";

/**
 * Resources, a template, and subscriptions. On the low-level server, since `McpServer` knows neither subscriptions nor
 * an error that names the URI.
 */
export function registerResources(server: Server, session: EverythingSession): void {
  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: RESOURCES }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: [TEMPLATE] }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }) => {
    const contents = readResource(uri);
    if (contents) return { contents: [contents] };
    throw new McpError(ErrorCode.InvalidParams, notFoundMessage(uri), { uri });
  });
  server.setRequestHandler(SubscribeRequestSchema, async ({ params }) => {
    await session.subscribe(params.uri);
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    session.subscriptions.delete(params.uri);
    return {};
  });
}
