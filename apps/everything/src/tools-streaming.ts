import { setTimeout as pause } from "node:timers/promises";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import type { ServerNotification, ServerRequest } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import type { SessionLog } from "./session-log.js";
import { textResult } from "./tool-result.js";

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

const STEP_MS = 50;

/** Tools that say something before they answer, or take their time. */
export function registerStreamingTools(server: McpServer, log: SessionLog): void {
  server.registerTool("test_tool_with_logging", { description: "Logs three messages" }, async (extra) => {
    await log.log(extra.sendNotification, "info", "Tool execution started");
    await pause(STEP_MS);
    await log.log(extra.sendNotification, "info", "Tool processing data");
    await pause(STEP_MS);
    await log.log(extra.sendNotification, "info", "Tool execution completed");
    return textResult("Tool with logging executed successfully");
  });

  server.registerTool("test_tool_with_progress", { description: "Reports progress" }, async (extra) => {
    for (const progress of [0, 50, 100]) {
      if (progress > 0) await pause(STEP_MS);
      await sendProgress(extra, progress, 100);
    }
    return textResult("Tool with progress executed successfully");
  });

  server.registerTool(
    "test_slow",
    {
      description: "Takes a given time and reports progress in equal steps",
      inputSchema: { ms: z.number().min(0).max(600_000), steps: z.int().min(0).max(100_000) },
    },
    async ({ ms, steps }, extra) => {
      const startedAtMs = performance.now();
      for (let step = 1; step <= steps; step += 1) {
        // By the clock, since many short pauses would add up to more than the given time.
        const restMs = startedAtMs + (ms * step) / steps - performance.now();
        if (restMs >= 1) await pause(restMs, undefined, { signal: extra.signal });
        await sendProgress(extra, step, steps);
      }
      if (steps === 0) await pause(ms, undefined, { signal: extra.signal });
      return textResult("slow done");
    },
  );

  server.registerTool(
    "test_reconnection",
    { description: "Closes its own connection, waits, and answers" },
    async (extra) => {
      extra.closeSSEStream?.();
      await pause(100);
      return textResult("Reconnection test completed successfully");
    },
  );

  const cancelled: string[] = [];
  server.registerTool(
    "test_cancellable",
    {
      description: "Says that it waits, and waits until it is cancelled",
      inputSchema: { key: z.string() },
    },
    async ({ key }, { signal, sendNotification }) => {
      await log.log(sendNotification, "info", `waiting: ${key}`);
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      cancelled.push(key);
      return textResult("cancelled");
    },
  );
  server.registerTool(
    "test_cancellations",
    { description: "Returns the keys of the calls of test_cancellable that were cancelled, as JSON" },
    () => textResult(JSON.stringify(cancelled)),
  );
}

/** Reports progress if the client has asked for it. */
async function sendProgress({ _meta, sendNotification }: Extra, progress: number, total: number) {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return;
  await sendNotification({ method: "notifications/progress", params: { progressToken, progress, total } });
}
