import { z } from "zod";
import { type Tool, textResult, tool } from "./tool.js";

/** Tools that ask the client for a model's answer and for its roots. */
export const CLIENT_REQUEST_TOOLS: readonly Tool[] = [
  tool(
    "test_sampling",
    { description: "Asks the client's model", inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, call) => textResult(`LLM response: ${await call.sample(prompt)}`),
  ),
  tool("test_roots", { description: "Returns the client's roots as JSON" }, async (_args, call) =>
    textResult(JSON.stringify(await call.listRoots())),
  ),
];

/** Parameters of `sampling/createMessage` for one prompt. */
export function samplingParams(prompt: string) {
  return {
    messages: [{ role: "user" as const, content: { type: "text" as const, text: prompt } }],
    maxTokens: 100,
  };
}

type Block = { type: string; text?: unknown };

/** What a model has said first, in words. */
export function sampledText(content: Block | Block[]): string {
  const [first] = [content].flat();
  return typeof first?.text === "string" ? first.text : `(${first?.type ?? "nothing"})`;
}
