// The endpoint under attack, in a process of its own: `node --expose-gc hostile-server.mjs <options as JSON>`. It does
// what the parent's messages say, and answers each with one message. When the parent is gone it ends.
import { createServer } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createMcpEndpoint } from "@durable-mcp/core";
import { createNodeListener } from "@durable-mcp/node";
import { createMemoryBackend, createMemoryStore } from "@durable-mcp/store-memory";
import { createSqliteStore } from "@durable-mcp/store-sqlite";
import { createAttackedServer } from "./attacked-server-object.mjs";

/**
 * store: "memory" or a SQLite file; endpoint: options of the endpoint; http: options of the HTTP server;
 * storesRequests: each request is stored before it is dispatched
 */
const options = JSON.parse(process.argv[2]);

/** What must never happen, as it happened. */
const faults = [];
process.on("unhandledRejection", (reason) => faults.push(`unhandled rejection: ${reason?.stack ?? reason}`));
process.on("uncaughtException", (error) => faults.push(`uncaught exception: ${error?.stack ?? error}`));
process.on("disconnect", () => process.exit());

/** The clock is right, but for what the parent adds. */
let aheadMs = 0;
const realNow = Date.now;
const now = () => realNow() + aheadMs;
Date.now = now;

const backend = options.store === "memory" ? createMemoryBackend({ now }) : undefined;
const store = backend ? createMemoryStore({ backend }) : createSqliteStore({ file: options.store, now });

const newEndpoint = () =>
  createMcpEndpoint({
    ...options.endpoint,
    ...(options.storesRequests ? { onInterrupted: () => "conclude" } : {}),
    storedHeaders: ["x-stored"],
    store,
    createServer: createAttackedServer,
    // For tests: nothing is checked.
    principal: ({ headers }) => {
      const subject = headers["x-test-user"];
      return subject ? { issuer: "test", subject, client: "test" } : undefined;
    },
    logger: {
      info: () => {},
      warn: () => {},
      error: (message, fields) => faults.push(`logged as an error: ${message} ${JSON.stringify(fields)}`),
    },
  });

/** How long the longest turn of the event loop was, in which nobody else was served. */
const turns = monitorEventLoopDelay({ resolution: 10 });
turns.enable();

/** How many answers had which status. */
const statuses = {};
let endpoint = newEndpoint();
let listener = createNodeListener(endpoint, { path: "/mcp" });
const http = createServer(options.http, (request, response) => {
  response.once("close", () => {
    if (response.headersSent) statuses[response.statusCode] = (statuses[response.statusCode] ?? 0) + 1;
  });
  listener(request, response);
});

const BUILT_IN = [Object, Array, Function, String, Number, Map, Set, Promise];
const builtInNames = () => BUILT_IN.flatMap(({ prototype }) => Reflect.ownKeys(prototype).map(String)).join();
const cleanNames = builtInNames();

/** Memory that the garbage collector has left, in bytes. */
function usedBytes() {
  for (let n = 0; n < 4; n += 1) globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function obey({ order, args }) {
  switch (order) {
    case "state": {
      const sockets = await new Promise((resolve) => http.getConnections((_error, count) => resolve(count)));
      const polluted = builtInNames() !== cleanNames;
      const longestTurnMs = Math.round(turns.max / 1e6);
      return {
        ...endpoint.stats(),
        sockets,
        statuses,
        faults,
        polluted,
        longestTurnMs,
        usage: backend?.usage(),
      };
    }
    case "measure":
      return { usedBytes: usedBytes() };
    case "later":
      aheadMs += args.ms;
      return {};
    case "restart":
      await endpoint.close();
      endpoint = newEndpoint();
      listener = createNodeListener(endpoint, { path: "/mcp" });
      return {};
    case "close":
      await endpoint.close();
      await store.close();
      http.closeAllConnections();
      http.close();
      return {};
    default:
      throw new Error(`Unknown order: ${order}`);
  }
}
process.on("message", async (message) => process.send(await obey(message)));

http.listen(0, "127.0.0.1", () => process.send({ port: http.address().port }));
