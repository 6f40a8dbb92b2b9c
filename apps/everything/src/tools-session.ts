import { appendFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { EverythingSession } from "./everything-session.js";
import { LOG_LEVELS } from "./notification.js";
import { type Tool, textResult, tool } from "./tool.js";

/** Tools that show what a session's server object remembers, and what it has done to the world outside. */
export function sessionTools(session: EverythingSession): readonly Tool[] {
  let count = 0;
  return [
    tool("test_counter", { description: "Counts its calls in this server object" }, () => {
      count += 1;
      return textResult(String(count));
    }),
    tool(
      "test_side_effect",
      {
        description: "Appends a key to the file that SIDE_EFFECT_FILE names, then takes a given time",
        inputSchema: z.object({ key: z.string(), ms: z.number().min(0).default(0) }),
        annotations: { idempotentHint: false },
      },
      async ({ key, ms }) => {
        const file = process.env.SIDE_EFFECT_FILE;
        if (!file) throw new Error("SIDE_EFFECT_FILE is not set");
        await appendFile(file, `${key}\n`);
        if (ms > 0) await pause(ms);
        return textResult(`appended ${key}`);
      },
    ),
    tool(
      "test_log",
      {
        description: "Logs a message if the session's level lets it: for this call, or for the session",
        inputSchema: z.object({
          level: z.enum(LOG_LEVELS),
          data: z.string(),
          to: z.enum(["call", "session"]).default("call"),
        }),
      },
      async ({ level, data, to }, call) => {
        await session.log(to === "call" ? call.notify : session.notify, level, data);
        return textResult("logged");
      },
    ),
    tool(
      "test_update_resource",
      {
        description: "Tells the client that a resource has changed, if it has subscribed to it",
        inputSchema: z.object({ uri: z.string() }),
      },
      async ({ uri }) => {
        if (!session.subscriptions.has(uri)) return textResult("not subscribed");
        await session.notify({ method: "notifications/resources/updated", params: { uri } });
        return textResult("sent");
      },
    ),
  ];
}
