import { randomUUID } from "node:crypto";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { EventStore } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { isInitializeRequest } from "@modelcontextprotocol/sdk/types.js";
import express, { type Express, type Request, type Response } from "express";
import type { AnyTransport, TransportClass } from "./transport-classes.js";

/**
 * The way in which most projects use the SDK's class, copied from its documentation: which class it is comes in by its
 * first parameter, where projects have an import.
 */
export function createApp(
  StreamableHTTPServerTransport: TransportClass,
  eventStore: EventStore | undefined,
  getServer: () => Server,
): { readonly app: Express; readonly transports: Map<string, AnyTransport> } {
  const app = express();
  app.use(express.json());

  const transports = new Map<string, AnyTransport>();

  app.post("/mcp", async (req: Request, res: Response) => {
    const sessionId = req.headers["mcp-session-id"] as string | undefined;
    try {
      const existing = sessionId === undefined ? undefined : transports.get(sessionId);
      if (existing) {
        await existing.handleRequest(req, res, req.body);
        return;
      }
      if (sessionId !== undefined) {
        res
          .status(404)
          .json({ jsonrpc: "2.0", error: { code: -32001, message: "Session not found" }, id: null });
        return;
      }
      if (!isInitializeRequest(req.body)) {
        res.status(400).json({
          jsonrpc: "2.0",
          error: { code: -32000, message: "Bad Request: No valid session ID provided" },
          id: null,
        });
        return;
      }
      const transport = new StreamableHTTPServerTransport({
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
      await transport.handleRequest(req, res, req.body);
    } catch {
      if (!res.headersSent) {
        res
          .status(500)
          .json({ jsonrpc: "2.0", error: { code: -32603, message: "Internal server error" }, id: null });
      }
    }
  });

  const handleSessionRequest = async (req: Request, res: Response) => {
    const sessionId = req.headers["mcp-session-id"] as string | undefined;
    const transport = sessionId === undefined ? undefined : transports.get(sessionId);
    if (!transport) {
      res.status(sessionId ? 404 : 400).send("Invalid or missing session ID");
      return;
    }
    await transport.handleRequest(req, res);
  };
  app.get("/mcp", handleSessionRequest);
  app.delete("/mcp", handleSessionRequest);

  return { app, transports };
}
