import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { EverythingSession } from "./everything-session.js";
import { type Tool, type ToolCall, textResult, tool } from "./tool.js";

const STEP_MS = 50;

/** Tools that say something before they answer, or take their time. */
export function streamingTools(session: EverythingSession): readonly Tool[] {
  return [
    tool("test_tool_with_logging", { description: "Logs three messages" }, async (_args, { notify }) => {
      await session.log(notify, "info", "Tool execution started");
      await pause(STEP_MS);
      await session.log(notify, "info", "Tool processing data");
      await pause(STEP_MS);
      await session.log(notify, "info", "Tool execution completed");
      return textResult("Tool with logging executed successfully");
    }),
    tool("test_tool_with_progress", { description: "Reports progress" }, async (_args, call) => {
      for (const progress of [0, 50, 100]) {
        if (progress > 0) await pause(STEP_MS);
        await sendProgress(call, progress, 100);
      }
      return textResult("Tool with progress executed successfully");
    }),
    tool(
      "test_slow",
      {
        description: "Takes a given time and reports progress in equal steps",
        inputSchema: z.object({
          ms: z.number().min(0).max(600_000),
          steps: z.int().min(0).max(100_000),
        }),
      },
      async ({ ms, steps }, call) => {
        const startedAtMs = performance.now();
        for (let step = 1; step <= steps; step += 1) {
          // By the clock, since many short pauses would add up to more than the given time.
          const restMs = startedAtMs + (ms * step) / steps - performance.now();
          if (restMs >= 1) await pause(restMs, undefined, { signal: call.signal });
          await sendProgress(call, step, steps);
        }
        if (steps === 0) await pause(ms, undefined, { signal: call.signal });
        return textResult("slow done");
      },
    ),
    tool(
      "test_reconnection",
      { description: "Closes its own connection, waits, and answers" },
      async (_args, call) => {
        call.closeConnection();
        await pause(100);
        return textResult("Reconnection test completed successfully");
      },
    ),
  ];
}

/** Reports progress if the client has asked for it. */
async function sendProgress({ progressToken, notify }: ToolCall, progress: number, total: number) {
  if (progressToken === undefined) return;
  await notify({ method: "notifications/progress", params: { progressToken, progress, total } });
}
