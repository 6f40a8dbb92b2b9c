import { randomUUID } from "node:crypto";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { EventStore } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { isInitializeRequest } from "@modelcontextprotocol/sdk/types.js";
import { type Context, Hono } from "hono";
import type { AnyWebTransport, WebTransportClass } from "./transport-classes.js";

/**
 * The application of express-app.ts, as it is written with Hono and the SDK's web-standard class: which class it is
 * comes in by its first parameter, where projects have an import.
 */
export function createHonoApp(
  WebStandardStreamableHTTPServerTransport: WebTransportClass,
  eventStore: EventStore | undefined,
  getServer: () => Server,
): { readonly app: Hono; readonly transports: Map<string, AnyWebTransport> } {
  const app = new Hono();

  const transports = new Map<string, AnyWebTransport>();

  app.post("/mcp", async (c) => {
    const parsedBody = await c.req.json();
    const sessionId = c.req.header("mcp-session-id");
    const existing = sessionId === undefined ? undefined : transports.get(sessionId);
    if (existing) return existing.handleRequest(c.req.raw, { parsedBody });
    if (sessionId !== undefined) {
      return c.json({ jsonrpc: "2.0", error: { code: -32001, message: "Session not found" }, id: null }, 404);
    }
    if (!isInitializeRequest(parsedBody)) {
      const error = { code: -32000, message: "Bad Request: No valid session ID provided" };
      return c.json({ jsonrpc: "2.0", error, id: null }, 400);
    }
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      ...(eventStore ? { eventStore } : {}),
      retryInterval: 20,
      onsessioninitialized: (id) => {
        transports.set(id, transport);
      },
    });
    transport.onclose = () => {
      if (transport.sessionId) transports.delete(transport.sessionId);
    };
    await getServer().connect(transport);
    return transport.handleRequest(c.req.raw, { parsedBody });
  });

  const handleSessionRequest = async (c: Context) => {
    const sessionId = c.req.header("mcp-session-id");
    const transport = sessionId === undefined ? undefined : transports.get(sessionId);
    if (!transport) return c.text("Invalid or missing session ID", sessionId ? 404 : 400);
    return transport.handleRequest(c.req.raw);
  };
  app.get("/mcp", handleSessionRequest);
  app.delete("/mcp", handleSessionRequest);

  return { app, transports };
}
