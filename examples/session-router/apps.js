// @ts-check
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

/** @typedef {import("@modelcontextprotocol/sdk/server/mcp.js").McpServer} McpServer */

/** Names of the apps that each user may have. */
const ALLOWED = new Map([
  ["alice", ["clock", "counter", "dice"]],
  ["bob", ["clock", "counter"]],
]);

/**
 * The apps that a user may have, by name. Each adds its tools to a server and returns them by name.
 * @param {string} user
 */
export function appsOf(user) {
  const allowed = ALLOWED.get(user) ?? [];
  return new Map(Object.entries({ clock, counter, dice }).filter(([name]) => allowed.includes(name)));
}

/** @param {McpServer} server */
function clock(server) {
  const now = server.registerTool("now", { description: "Tells the time (UTC)" }, () =>
    text(new Date().toISOString()),
  );
  return { now };
}

/** @param {McpServer} server */
function counter(server) {
  const config = { description: "Counts, five a second", inputSchema: { to: z.int().min(1).max(1000) } };
  const count = server.registerTool("count", config, async ({ to }, { _meta, sendNotification, signal }) => {
    const progressToken = _meta?.progressToken;
    for (let progress = 1; progress <= to; progress += 1) {
      await sleep(200, undefined, { signal });
      if (progressToken === undefined) continue; // the client did not ask for progress
      const params = { progressToken, progress, total: to };
      await sendNotification({ method: "notifications/progress", params });
    }
    return text(`Counted to ${to}.`);
  });
  return { count };
}

/** @param {McpServer} server */
function dice(server) {
  const roll = server.registerTool("roll", { description: "Rolls one die" }, () =>
    text(`${randomInt(1, 7)}`),
  );
  return { roll };
}

/**
 * @param {string} said
 * @returns {import("@modelcontextprotocol/sdk/types.js").CallToolResult}
 */
export function text(said) {
  return { content: [{ type: "text", text: said }] };
}
