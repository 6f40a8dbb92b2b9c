import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import {
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  type ReadResourceResult,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { PNG } from "./sample-media.js";

type Contents = ReadResourceResult["contents"][number];

const RESOURCES = [
  {
    uri: "test://static-text",
    name: "static-text",
    description: "A text that never changes",
    mimeType: "text/plain",
    text: "This is the content of the static text resource.",
  },
  {
    uri: "test://static-binary",
    name: "static-binary",
    description: "An image that never changes",
    mimeType: "image/png",
    blob: PNG,
  },
  {
    uri: "test://watched-resource",
    name: "watched-resource",
    description: "A resource to subscribe to",
    mimeType: "text/plain",
    text: "Watched resource content",
  },
] as const;

const TEMPLATE = {
  uriTemplate: "test://template/{id}/data",
  name: "template",
  description: "One resource for every id",
  mimeType: "application/json",
};
const TEMPLATE_URI = /^test:\/\/template\/(?<id>[^/]+)\/data$/;

/**
 * Resources, a template, and subscriptions. On the low-level server, since `McpServer` knows neither subscriptions nor
 * an error that names the URI.
 *
 * Returns: the URIs subscribed to, kept up to date
 */
export function registerResources({ server }: McpServer): ReadonlySet<string> {
  server.registerCapabilities({ resources: { listChanged: true, subscribe: true } });
  server.setRequestHandler(ListResourcesRequestSchema, () => ({
    resources: RESOURCES.map(({ uri, name, description, mimeType }) => ({
      uri,
      name,
      description,
      mimeType,
    })),
  }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: [TEMPLATE] }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) => ({ contents: [read(params.uri)] }));

  const subscriptions = new Set<string>();
  server.setRequestHandler(SubscribeRequestSchema, async ({ params: { uri } }) => {
    subscriptions.add(uri);
    // Related to no request: whoever subscribes puts a message on the session's GET stream.
    const params = { level: "info", logger: "everything", data: `subscribed: ${uri}` } as const;
    await server.notification({ method: "notifications/message", params });
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params: { uri } }) => {
    subscriptions.delete(uri);
    return {};
  });
  return subscriptions;
}

function read(uri: string): Contents {
  const resource = RESOURCES.find((one) => one.uri === uri);
  if (resource) {
    const { mimeType } = resource;
    return "blob" in resource
      ? { uri, mimeType, blob: resource.blob }
      : { uri, mimeType, text: resource.text };
  }
  const id = TEMPLATE_URI.exec(uri)?.groups?.id;
  if (id !== undefined) {
    const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
    return { uri, mimeType: TEMPLATE.mimeType, text };
  }
  throw new McpError(ErrorCode.InvalidParams, `Resource ${uri} not found`, { uri });
}
