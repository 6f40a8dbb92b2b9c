// @ts-check
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { StreamableHTTPServerTransport } from "@durable-mcp/node"; // was: @modelcontextprotocol/sdk/server/streamableHttp.js
import { createSqliteStore } from "@durable-mcp/store-sqlite";
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { isInitializeRequest } from "@modelcontextprotocol/sdk/types.js";
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
/** @type {Map<string, StreamableHTTPServerTransport>} */
const transports = new Map();

async function newTransport() {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    eventStore: store,
    retryInterval: 3000, // clients that were cut off come back after 3 s: time for a restart
    onsessioninitialized: (sessionId) => {
      transports.set(sessionId, transport);
    },
  });
  transport.onclose = () => {
    if (transport.sessionId) transports.delete(transport.sessionId);
  };
  await createCounter().connect(transport);
  return transport;
}

const app = createMcpExpressApp();

app.post("/mcp", async (req, res) => {
  const sessionId = req.get("mcp-session-id");
  const transport = transports.get(sessionId ?? "");
  if (transport) await transport.handleRequest(req, res, req.body);
  else if (sessionId) await bringBack(req, res);
  else if (isInitializeRequest(req.body)) await (await newTransport()).handleRequest(req, res, req.body);
  else {
    const error = { code: -32000, message: "Bad Request: No valid session ID provided" };
    res.status(400).json({ jsonrpc: "2.0", error, id: null });
  }
});

/**
 * @param {import("express").Request} req
 * @param {import("express").Response} res
 */
async function handleSessionRequest(req, res) {
  const sessionId = req.get("mcp-session-id");
  const transport = transports.get(sessionId ?? "");
  if (transport) await transport.handleRequest(req, res);
  else if (sessionId) await bringBack(req, res);
  else res.status(400).send("Missing session ID");
}
app.get("/mcp", handleSessionRequest);
app.delete("/mcp", handleSessionRequest);

/**
 * The one addition: where the SDK's pattern answers 404, a new transport looks into the store, where the session is after
 * a restart. It answers 404 by itself if there is none.
 * @param {import("express").Request} req
 * @param {import("express").Response} res
 */
async function bringBack(req, res) {
  const transport = await newTransport();
  await transport.handleRequest(req, res, req.body);
  // Without an id it has no session: there was none, or another request has brought it back meanwhile.
  if (!transport.sessionId) await transport.close();
}

const port = Number(process.env.PORT ?? 3000);
const http = app.listen(port, "127.0.0.1", (error) => {
  if (error) throw error;
  console.log(`MCP on http://127.0.0.1:${port}/mcp`);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    http.close();
    http.closeAllConnections(); // or clients that come back would bring their sessions back at once
    for (const transport of transports.values()) await transport.close(); // the sessions stay in the store
    await store.close();
  });
}
