import { setTimeout } from "node:timers/promises";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import { numbered } from "../numbered-notification.js";

/** The same server object for every subject. */
export function createMcpServer(): McpServer {
  const server = new McpServer({ name: "bench", version: "1" }, { capabilities: { logging: {} } });
  server.registerTool(
    "echo",
    { description: "Gives its text back", inputSchema: { text: z.string() } },
    async ({ text }) => ({ content: [{ type: "text", text }] }),
  );
  server.registerTool(
    "stream",
    {
      description: "Sends `count` numbered notifications, the first one after `pauseMs`",
      inputSchema: { count: z.number(), pauseMs: z.number() },
    },
    async ({ count, pauseMs }, { sendNotification }) => {
      if (pauseMs > 0) await setTimeout(pauseMs);
      for (let n = 0; n < count; n += 1) await sendNotification(numbered(n));
      return { content: [{ type: "text", text: `sent ${count}` }] };
    },
  );
  return server;
}
