import type { Store } from "@durable-mcp/contract";
import { createMcpEndpoint } from "@durable-mcp/core";
import { createNodeListener } from "@durable-mcp/node";
import { createMcpServer } from "./create-mcp-server.js";
import { serve } from "./serve.js";

/** More sessions than a run opens, which all belong to nobody in particular. */
const MAX_SESSIONS = 1_000_000;

/** Our endpoint on a store; options that concern neither the number of sessions nor the store are the defaults. */
export function serveDurable(store: Store): void {
  const endpoint = createMcpEndpoint({
    store,
    createServer: createMcpServer,
    maxSessions: MAX_SESSIONS,
    maxSessionsPerPrincipal: MAX_SESSIONS,
  });
  serve(createNodeListener(endpoint, { path: "/mcp" }));
}
