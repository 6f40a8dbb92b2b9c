import { appendFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { LoggingLevelSchema } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import type { SessionLog } from "./session-log.js";
import { textResult } from "./tool-result.js";

/** Tools that show what a session's server object remembers, and what it has done to the world outside. */
export function registerSessionTools(
  server: McpServer,
  log: SessionLog,
  subscriptions: ReadonlySet<string>,
): void {
  let count = 0;
  server.registerTool("test_counter", { description: "Counts its calls in this server object" }, () => {
    count += 1;
    return textResult(String(count));
  });

  server.registerTool(
    "test_side_effect",
    {
      description: "Appends a key to the file that SIDE_EFFECT_FILE names, then takes a given time",
      inputSchema: { key: z.string(), ms: z.number().min(0).default(0) },
      annotations: { idempotentHint: false },
    },
    async ({ key, ms }) => {
      const file = process.env.SIDE_EFFECT_FILE;
      if (!file) throw new Error("SIDE_EFFECT_FILE is not set");
      await appendFile(file, `${key}\n`);
      if (ms > 0) await pause(ms);
      return textResult(`appended ${key}`);
    },
  );

  server.registerTool(
    "test_log",
    {
      description: "Logs a message if the session's level lets it: for this call, or for the session",
      inputSchema: {
        level: LoggingLevelSchema,
        data: z.string(),
        to: z.enum(["call", "session"]).default("call"),
      },
    },
    async ({ level, data, to }, extra) => {
      const send = to === "call" ? extra.sendNotification : server.server.notification.bind(server.server);
      await log.log(send, level, data);
      return textResult("logged");
    },
  );

  server.registerTool(
    "test_update_resource",
    {
      description: "Tells the client that a resource has changed, if it has subscribed to it",
      inputSchema: { uri: z.string() },
    },
    async ({ uri }) => {
      if (subscriptions.has(uri)) await server.server.sendResourceUpdated({ uri });
      return textResult(subscriptions.has(uri) ? "sent" : "not subscribed");
    },
  );
}
