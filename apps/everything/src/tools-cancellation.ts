import { z } from "zod";
import type { EverythingSession } from "./everything-session.js";
import { type Tool, textResult, tool } from "./tool.js";

/** A tool that can only be cancelled, and one that tells of it. */
export function cancellationTools(session: EverythingSession): readonly Tool[] {
  const cancelled: string[] = [];
  return [
    tool(
      "test_cancellable",
      {
        description: "Says that it waits, and waits until it is cancelled",
        inputSchema: z.object({ key: z.string() }),
      },
      async ({ key }, { signal, notify }) => {
        await session.log(notify, "info", `waiting: ${key}`);
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
        cancelled.push(key);
        return textResult("cancelled");
      },
    ),
    tool(
      "test_cancellations",
      { description: "Returns the keys of the calls of test_cancellable that were cancelled, as JSON" },
      () => textResult(JSON.stringify(cancelled)),
    ),
  ];
}
