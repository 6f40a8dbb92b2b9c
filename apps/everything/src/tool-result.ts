import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";

/** A tool's result that is one text. */
export function textResult(text: string): CallToolResult {
  return { content: [{ type: "text", text }] };
}
