// @ts-check
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { toSdkEventStore } from "@durable-mcp/sdk-event-store";
import { createSqliteStore } from "@durable-mcp/store-sqlite";
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { z } from "zod";

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

const app = createMcpExpressApp();
app.all("/mcp", async (req, res) => {
  const known = req.get("mcp-session-id");
  const sessionId = known ?? randomUUID(); // made here, since the event store has to know it
  let transport = transports.get(sessionId);
  if (!transport) {
    const eventStore = toSdkEventStore(store, { sessionId });
    if (known && !(await eventStore.exists())) {
      const error = { code: -32001, message: "Session not found" };
      return res.status(404).json({ jsonrpc: "2.0", error, id: null });
    }
    const made = new StreamableHTTPServerTransport({
      eventStore,
      // A session of an earlier process: the SDK's transport cannot bring it back, but a stateless one, made for this
      // request, replays its events to a client that resumes, and answers calls that need nothing of the session.
      ...(known ? {} : { sessionIdGenerator: () => sessionId }),
      onsessioninitialized: () => void transports.set(sessionId, made),
      onsessionclosed: () => eventStore.terminate(), // DELETE: nothing is left behind
    });
    if (known) res.once("close", () => made.close());
    else made.onclose = () => transports.delete(sessionId);
    await createCounter().connect(made);
    transport = made;
  }
  return transport.handleRequest(req, res, req.body);
});

const port = Number(process.env.PORT ?? 3000);
const http = app.listen(port, "127.0.0.1", (error) => {
  if (error) throw error;
  console.log(`MCP on http://127.0.0.1:${port}/mcp`);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    for (const transport of transports.values()) await transport.close();
    http.close();
    http.closeAllConnections(); // clients resume from the store, at the next process
    await store.close();
  });
}
