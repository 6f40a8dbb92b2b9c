import { setTimeout as wait } from "node:timers/promises";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import {
  CreateMessageResultSchema,
  McpError,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";

/** No tool takes longer than this, whatever it is asked, in ms. */
const LONGEST_MS = 1_500;
/** How long a client may take to answer a question, in ms: long, since those who answer must never be cut short. */
const PATIENCE_MS = 6_000;

const ms = z.number().min(0).max(LONGEST_MS).default(0);
const text = (said) => ({ content: [{ type: "text", text: said }] });

/** Waits, at most until the call is cancelled. */
const pause = (duration, { signal }) => wait(duration, undefined, { signal }).catch(() => {});

/**
 * A server object for one session. It is told a secret (`test_keep`), and from then on puts it into nearly everything it
 * says: whoever else sees it has seen something of this session.
 */
export function createAttackedServer() {
  const server = new McpServer(
    { name: "attacked", version: "1.0.0" },
    { capabilities: { logging: {}, tools: { listChanged: true }, resources: { subscribe: true } } },
  );
  let secret = "";
  let count = 0;
  const { server: low } = server;
  low.setRequestHandler(SetLevelRequestSchema, () => ({}));
  low.setRequestHandler(SubscribeRequestSchema, () => ({}));
  low.setRequestHandler(UnsubscribeRequestSchema, () => ({}));

  const tool = (name, inputSchema, handler) => server.registerTool(name, { inputSchema }, handler);
  tool("test_keep", { secret: z.string() }, ({ secret: told }) => {
    secret = told;
    return text("kept");
  });
  tool("test_tell", {}, () => text(secret));
  tool("test_counter", { ms }, async (args, extra) => {
    count += 1;
    const mine = count;
    await pause(args.ms, extra);
    return text(String(mine));
  });
  tool("test_slow", { ms, steps: z.int().min(0).max(500).default(0) }, async ({ ms, steps }, extra) => {
    const progressToken = extra._meta?.progressToken;
    for (let progress = 1; progress <= steps && progressToken !== undefined; progress += 1) {
      if (ms / steps >= 1) await pause(ms / steps, extra);
      const params = { progressToken, progress, total: steps, message: secret };
      await extra.sendNotification({ method: "notifications/progress", params });
    }
    if (steps === 0) await pause(ms, extra);
    return text(`slow done ${secret}`);
  });
  tool(
    "test_log",
    { data: z.string(), to: z.enum(["call", "session"]).default("session") },
    async (args, extra) => {
      const params = { level: "error", logger: secret, data: args.data };
      const message = { method: "notifications/message", params };
      await (args.to === "call" ? extra.sendNotification(message) : low.notification(message));
      return text("logged");
    },
  );
  tool("test_sampling", { prompt: z.string() }, async ({ prompt }, extra) => {
    const messages = [{ role: "user", content: { type: "text", text: prompt } }];
    const params = { messages, maxTokens: 10, systemPrompt: secret };
    const request = { method: "sampling/createMessage", params };
    const answer = await extra.sendRequest(request, CreateMessageResultSchema, { timeout: PATIENCE_MS });
    return text(answer.content.text);
  });
  tool("test_echo", { said: z.any() }, ({ said }) => text(`${secret} ${JSON.stringify(said)}`));
  tool("test_large", { length: z.int().min(0).max(400_000) }, ({ length }) =>
    text(secret.padEnd(length, "x")),
  );
  tool("test_wait", {}, async (_args, extra) => {
    await pause(LONGEST_MS, extra);
    return text(secret);
  });
  low.fallbackRequestHandler = ({ method, params }) => {
    if (method === "test/fail") throw new McpError(-32050, `${params?.message}`, { secret });
    throw new McpError(-32601, `Method not found: ${method}`);
  };
  return server;
}
