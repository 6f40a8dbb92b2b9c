// @ts-check
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createMcpEndpoint } from "@durable-mcp/core";
import { createNodeListener } from "@durable-mcp/node";
import { createSqliteStore } from "@durable-mcp/store-sqlite";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";

/** The server object of one session. A restart builds it anew, so what must last does not belong in here. */
function createCounter() {
  const server = new McpServer({ name: "counter", version: "1.0.0" });
  const config = { description: "Counts, five a second", inputSchema: { to: z.int().min(1).max(1000) } };
  server.registerTool("count", config, async ({ to }, { _meta, sendNotification, signal }) => {
    const progressToken = _meta?.progressToken;
    for (let progress = 1; progress <= to; progress += 1) {
      await sleep(200, undefined, { signal });
      if (progressToken === undefined) continue; // the client did not ask for progress
      const params = { progressToken, progress, total: to };
      await sendNotification({ method: "notifications/progress", params });
    }
    return { content: [{ type: "text", text: `Counted to ${to}.` }] };
  });
  return server;
}

const store = createSqliteStore({ file: process.env.DATA ?? "./data/mcp.db" });
const endpoint = createMcpEndpoint({ store, createServer: createCounter });

const port = Number(process.env.PORT ?? 3000);
const http = createServer(createNodeListener(endpoint, { path: "/mcp" }));
http.listen(port, "127.0.0.1", () => console.log(`MCP on http://127.0.0.1:${port}/mcp`));

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    http.close();
    await endpoint.close(); // ends open streams; the sessions stay in the store
    http.closeAllConnections(); // clients that come back would keep theirs alive for ever
    await store.close();
  });
}
