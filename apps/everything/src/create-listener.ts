import type { RequestListener } from "node:http";
import type { McpEndpoint } from "@durable-mcp/core";

/** Puts an endpoint at a path. Returns: what answers the requests of a node:http server */
export type CreateListener = (
  endpoint: McpEndpoint,
  path: string,
) => RequestListener | Promise<RequestListener>;
