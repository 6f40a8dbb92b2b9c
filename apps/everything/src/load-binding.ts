import type { RequestListener } from "node:http";
import type { McpEndpoint } from "@durable-mcp/core";
import type { BindingName } from "./cli-options.js";

/** Puts an endpoint at a path. Returns: what answers the requests of a node:http server */
export type CreateListener = (
  endpoint: McpEndpoint,
  path: string,
) => RequestListener | Promise<RequestListener>;

const BINDINGS: Readonly<Record<BindingName, () => Promise<{ readonly createListener: CreateListener }>>> = {
  node: () => import("./bindings/node.js"),
  express: () => import("./bindings/express.js"),
  fastify: () => import("./bindings/fastify.js"),
  web: () => import("./bindings/web.js"),
};

/** Loads the binding that the command line names, and no other. */
export async function loadBinding(name: BindingName): Promise<CreateListener> {
  return (await BINDINGS[name]()).createListener;
}
