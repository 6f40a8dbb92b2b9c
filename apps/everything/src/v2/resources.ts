import { ProtocolError, ProtocolErrorCode, type Server } from "@modelcontextprotocol/server";
import type { EverythingSession } from "../everything-session.js";
import { notFoundMessage, RESOURCES, readResource, TEMPLATE } from "../resources.js";

/** Resources, a template, and subscriptions. On the low-level server, since `McpServer` knows no subscriptions. */
export function registerResources(server: Server, session: EverythingSession): void {
  server.setRequestHandler("resources/list", () => ({ resources: RESOURCES }));
  server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: [TEMPLATE] }));
  server.setRequestHandler("resources/read", ({ params: { uri } }) => {
    const contents = readResource(uri);
    if (contents) return { contents: [contents] };
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, notFoundMessage(uri), { uri });
  });
  server.setRequestHandler("resources/subscribe", async ({ params }) => {
    await session.subscribe(params.uri);
    return {};
  });
  server.setRequestHandler("resources/unsubscribe", ({ params }) => {
    session.subscriptions.delete(params.uri);
    return {};
  });
}
