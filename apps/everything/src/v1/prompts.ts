import { completable } from "@modelcontextprotocol/sdk/server/completable.js";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { PROMPTS, promptResult, shapeOf } from "../prompts.js";

export function registerPrompts(server: McpServer): void {
  for (const prompt of PROMPTS) {
    const { name, description, args } = prompt;
    if (args) {
      const argsSchema = shapeOf(args, completable);
      server.registerPrompt(name, { description, argsSchema }, (values) => promptResult(prompt, values));
    } else {
      server.registerPrompt(name, { description }, () => promptResult(prompt, {}));
    }
  }
}
