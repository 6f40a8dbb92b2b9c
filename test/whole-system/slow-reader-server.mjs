// A server in a process of its own, so that its memory can be measured: `node --expose-gc slow-reader-server.mjs <file>`.
// It does what the parent's messages say, and answers each with one message.
import { createServer } from "node:http";
import { createMcpEndpoint } from "@durable-mcp/core";
import { createNodeListener } from "@durable-mcp/node";
import { createSqliteStore } from "@durable-mcp/store-sqlite";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const [file, maxBytes] = process.argv.slice(2);
const store = createSqliteStore({ file, retention: { maxBytes: Number(maxBytes), maxEvents: 100_000 } });
/** The server object of the newest session. */
let server;

const endpoint = createMcpEndpoint({
  store,
  createServer: () => {
    server = new Server({ name: "flood", version: "1.0.0" }, { capabilities: { tools: {}, logging: {} } });
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
      await flood(params.arguments, extra.sendNotification);
      process.send({ flooded: true });
      return { content: [{ type: "text", text: "done" }] };
    });
    return server;
  },
});

/** Sends numbered notifications one after the other, as fast as `send` allows. */
async function flood({ count, length }, send) {
  for (let n = 1; n <= count; n += 1) {
    const data = `${n} `.padEnd(length, ".");
    await send({ method: "notifications/message", params: { level: "info", data } });
  }
}

/** Memory that the garbage collector has left, in bytes. */
function usedBytes() {
  for (let n = 0; n < 4; n += 1) globalThis.gc();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

process.on("message", async ({ order, args }) => {
  switch (order) {
    case "measure":
      return process.send({ usedBytes: usedBytes(), ...endpoint.stats() });
    case "head":
      return process.send({ head: await store.log.head(args) });
    case "flood GET":
      await flood(args, (notification) => server.notification(notification));
      return process.send({ flooded: true });
    default:
      throw new Error(`Unknown order: ${order}`);
  }
});
process.on("disconnect", () => process.exit());

const http = createServer(createNodeListener(endpoint));
http.listen(0, "127.0.0.1", () => process.send({ port: http.address().port }));
