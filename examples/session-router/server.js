// @ts-check
import { createMcpEndpoint } from "@durable-mcp/core";
import { createSqliteStore } from "@durable-mcp/store-sqlite";
import express from "express";
import { principalOf } from "./auth.js";
import { createSessionRouter } from "./router.js";
import { createSessionServer } from "./session-server.js";

const store = createSqliteStore({ file: process.env.DATA ?? "./data/mcp.db" });
const endpoint = createMcpEndpoint({
  store,
  createServer: createSessionServer,
  principal: ({ authInfo }) => principalOf(authInfo),
  storedHeaders: ["x-chat-id"],
});

const port = Number(process.env.PORT ?? 3000);
const app = express();
app.use("/mcp", createSessionRouter(endpoint));
const http = app.listen(port, "127.0.0.1", (error) => {
  if (error) throw error;
  console.log(`MCP on http://127.0.0.1:${port}/mcp`);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    http.close();
    await endpoint.close(); // ends open streams; the sessions stay in the store
    http.closeAllConnections(); // clients that come back would keep theirs alive for ever
    await store.close();
  });
}
