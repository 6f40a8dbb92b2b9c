import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { CreateMessageResultSchema, ListRootsResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { textResult } from "./tool-result.js";

/** Tools that ask the client for a model's answer and for its roots. */
export function registerClientRequestTools(server: McpServer): void {
  server.registerTool(
    "test_sampling",
    { description: "Asks the client's model", inputSchema: { prompt: z.string() } },
    async ({ prompt }, extra) => {
      const result = await extra.sendRequest(
        {
          method: "sampling/createMessage",
          params: {
            messages: [{ role: "user", content: { type: "text", text: prompt } }],
            maxTokens: 100,
          },
        },
        CreateMessageResultSchema,
      );
      const text = result.content.type === "text" ? result.content.text : `(${result.content.type})`;
      return textResult(`LLM response: ${text}`);
    },
  );

  server.registerTool("test_roots", { description: "Returns the client's roots as JSON" }, async (extra) => {
    const { roots } = await extra.sendRequest({ method: "roots/list" }, ListRootsResultSchema);
    return textResult(JSON.stringify(roots));
  });
}
