import type { RequestListener } from "node:http";
import type { Surroundings } from "@durable-mcp/contract-tests";
import type { McpEndpoint } from "@durable-mcp/core";
import { createNodeListener, handleNodeRequest } from "@durable-mcp/node";

/** The endpoint on node:http, behind what stands before it. */
export function nodeListener(endpoint: McpEndpoint, { body, authInfo }: Surroundings): RequestListener {
  const listener = createNodeListener(endpoint, { path: "/mcp" });
  return async (request, response) => {
    if (authInfo !== undefined) Object.assign(request, { auth: authInfo });
    if (body === "unread") return listener(request, response);
    let text = "";
    for await (const piece of request.setEncoding("utf8")) text += piece;
    if (body === "drained") return listener(request, response);
    const facts = text === "" ? {} : { parsedBody: JSON.parse(text) };
    await handleNodeRequest(endpoint, request, response, facts);
  };
}
