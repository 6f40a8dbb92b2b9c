import { completable, type McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { PROMPTS, promptResult, shapeOf } from "../prompts.js";

export function registerPrompts(server: McpServer): void {
  for (const prompt of PROMPTS) {
    const { name, description, args } = prompt;
    if (args) {
      const argsSchema = z.object(shapeOf(args, completable));
      server.registerPrompt(name, { description, argsSchema }, (values) => promptResult(prompt, values));
    } else {
      server.registerPrompt(name, { description }, () => promptResult(prompt, {}));
    }
  }
}
