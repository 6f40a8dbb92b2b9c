import type { BindingHarness } from "@durable-mcp/contract-tests";
import { createMcpEndpoint } from "@durable-mcp/core";
import { listening } from "./listening.js";
import { nodeListener } from "./node-listener.js";

export const serveOnNode: BindingHarness["serve"] = async (options, surroundings) => {
  const endpoint = createMcpEndpoint(options);
  return listening(endpoint, nodeListener(endpoint, surroundings));
};
