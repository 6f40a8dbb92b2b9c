// A server in a process of its own, so that its memory can be measured:
// `node --expose-gc abandoned-sessions-server.mjs memory|<SQLite file>`. It does what the parent's messages say, and
// answers each with one message. When the parent is gone it ends by itself, if nothing holds it.
import { createServer } from "node:http";
import { createMcpEndpoint } from "@durable-mcp/core";
import { createNodeListener } from "@durable-mcp/node";
import { createMemoryBackend, createMemoryStore } from "@durable-mcp/store-memory";
import { createSqliteStore } from "@durable-mcp/store-sqlite";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema } from "@modelcontextprotocol/sdk/types.js";

/** Timers that are set, whether or not they keep the process running. */
const timers = new Set();
const { setTimeout, setInterval, clearTimeout } = globalThis;
globalThis.setTimeout = (callback, ms, ...args) => {
  const timer = setTimeout(() => {
    timers.delete(timer);
    callback(...args);
  }, ms);
  timers.add(timer);
  return timer;
};
globalThis.setInterval = (callback, ms, ...args) => {
  const timer = setInterval(callback, ms, ...args);
  timers.add(timer);
  return timer;
};
globalThis.clearTimeout = globalThis.clearInterval = (timer) => {
  timers.delete(timer);
  clearTimeout(timer);
};

/** The clock stands still, but for what the parent adds. */
let nowMs = Date.now();
const now = () => nowMs;
Date.now = now;

const [where] = process.argv.slice(2);
const backend = where === "memory" ? createMemoryBackend({ now }) : undefined;
const store = backend ? createMemoryStore({ backend }) : createSqliteStore({ file: where, now });

/** Whether the endpoint's last sweep left something to do; set back to true by "abandon". */
let sweeping = true;
const sessions = {
  ...store.sessions,
  sweep: async (limit) => {
    const { more } = await store.sessions.sweep(limit);
    sweeping = more;
    return { more };
  },
};

const endpoint = createMcpEndpoint({
  store: { ...store, sessions },
  idleTtlMs: 5_000,
  maxSessions: 20_000,
  maxSessionsPerPrincipal: 20_000,
  createServer: () => {
    const server = new Server({ name: "light", version: "1.0.0" }, { capabilities: { tools: {} } });
    server.setRequestHandler(CallToolRequestSchema, ({ params }) =>
      params.name === "endless" ? new Promise(() => {}) : { content: [{ type: "text", text: "done" }] },
    );
    return server;
  },
});

/** Memory that the garbage collector has left, in bytes. */
function usedBytes() {
  for (let n = 0; n < 4; n += 1) globalThis.gc();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

const http = createServer(createNodeListener(endpoint));
const said = ({ order, args }) => {
  switch (order) {
    case "stats":
      return { ...endpoint.stats(), sweeping, timers: timers.size, usage: backend?.usage() };
    case "measure":
      return { usedBytes: usedBytes() };
    case "abandon":
      nowMs += args.ms;
      sweeping = true;
      return {};
    default:
      throw new Error(`Unknown order: ${order}`);
  }
};
process.on("message", async (message) => {
  if (message.order !== "close") return process.send(said(message));
  await endpoint.close();
  await store.close();
  http.close();
  process.send({ timers: timers.size });
});

http.listen(0, "127.0.0.1", () => process.send({ port: http.address().port }));
