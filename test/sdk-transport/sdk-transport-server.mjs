// A server on the SDK's own transport over a store of ours, in a process of its own, so that it can be killed:
// `node sdk-transport-server.mjs v1|v2 memory|<SQLite file> <port>`. It does what the parent's messages say, and answers
// each with one message.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { toSdkEventStore } from "@durable-mcp/sdk-event-store";
import { createMemoryBackend, createMemoryStore } from "@durable-mcp/store-memory";
import { createSqliteStore } from "@durable-mcp/store-sqlite";
import { getRequestListener } from "@hono/node-server";
import { Server as ServerV1 } from "@modelcontextprotocol/sdk/server/index.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { CallToolRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { Server as ServerV2, WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";

const [sdk, where, port] = process.argv.slice(2);
const retention = { maxEvents: 500 };
const backend = where === "memory" ? createMemoryBackend({ retention }) : undefined;
const store = backend ? createMemoryStore({ backend }) : createSqliteStore({ file: where, retention });

const INFO = { name: "on the SDK's transport", version: "1.0.0" };
const capabilities = { tools: {}, logging: {} };
/** Calls of `work` by session; `echo` is answered at once. */
const calls = new Map();
const called = ({ params }, sessionId, notify) => {
  if (params.name === "echo") return textResult("echo");
  return new Promise((resolve) => {
    const progressToken = params._meta?.progressToken;
    calls.set(sessionId, {
      progress: (progress) =>
        notify({ method: "notifications/progress", params: { progressToken, progress } }),
      finish: (text) => resolve(textResult(text)),
    });
  });
};
const textResult = (text) => ({ content: [{ type: "text", text }] });

const SDKS = {
  v1: {
    createServer: () => {
      const server = new ServerV1(INFO, { capabilities });
      server.setRequestHandler(CallToolRequestSchema, (request, extra) =>
        called(request, extra.sessionId, extra.sendNotification),
      );
      return server;
    },
    Transport: StreamableHTTPServerTransport,
    handle: (transport, request, response) => transport.handleRequest(request, response),
  },
  v2: {
    createServer: () => {
      const server = new ServerV2(INFO, { capabilities });
      server.setRequestHandler("tools/call", (request, { sessionId, mcpReq }) =>
        called(request, sessionId, mcpReq.notify),
      );
      return server;
    },
    Transport: WebStandardStreamableHTTPServerTransport,
    handle: (transport, request, response) =>
      getRequestListener((webRequest) => transport.handleRequest(webRequest), {
        overrideGlobalObjects: false,
      })(request, response),
  },
};
const { createServer: createMcpServer, Transport, handle } = SDKS[sdk];

/** Sessions of this process. */
const sessions = new Map();
/** How many events were stored. */
let stored = 0;
/** What the transports have said to `onerror`. */
const errors = [];

const eventsOf = (sessionId) => {
  const events = toSdkEventStore(store, { sessionId });
  const storeEvent = async (...args) => {
    const id = await events.storeEvent(...args);
    stored += 1;
    return id;
  };
  return { ...events, storeEvent };
};

async function connect(events, options) {
  const transport = new Transport({
    eventStore: events,
    retryInterval: 20,
    onsessionclosed: () => events.terminate(),
    ...options,
  });
  const server = createMcpServer();
  await server.connect(transport);
  transport.onerror = (error) => errors.push(`${error.name}: ${error.message}`);
  return { server, transport };
}

async function answer(request, response) {
  const id = request.headers["mcp-session-id"];
  if (id === undefined) {
    const sessionId = randomUUID();
    const session = await connect(eventsOf(sessionId), {
      sessionIdGenerator: () => sessionId,
      onsessioninitialized: () => sessions.set(sessionId, session),
    });
    const deliver = session.transport.onclose;
    session.transport.onclose = () => {
      sessions.delete(sessionId);
      deliver?.();
    };
    return handle(session.transport, request, response);
  }
  const session = sessions.get(id);
  if (session) return handle(session.transport, request, response);
  // A session of an earlier process: each of its requests is answered by a stateless transport over its events.
  const events = eventsOf(id);
  if (!(await events.exists())) return response.writeHead(404).end();
  const { transport, server } = await connect(events, { sessionIdGenerator: undefined });
  response.on("close", () => void server.close());
  return handle(transport, request, response);
}

const said = async ({ order, args }) => {
  const call = calls.get(args.session);
  switch (order) {
    case "is at work":
      return call !== undefined;
    case "progress":
      for (let n = args.from; n <= args.to; n += 1) await call.progress(n);
      return {};
    case "finish":
      call.finish(args.text);
      return {};
    case "say": {
      const { server } = sessions.get(args.session);
      const say = (data) =>
        server.notification({ method: "notifications/message", params: { level: "info", data } });
      await Promise.all(args.data.map(say));
      return {};
    }
    case "stored":
      return stored;
    case "errors":
      return errors;
    case "has":
      return toSdkEventStore(store, { sessionId: args.session }).exists();
    default:
      throw new Error(`Unknown order: ${order}`);
  }
};
process.on("message", async (message) => process.send({ answer: await said(message) }));
process.on("disconnect", () => process.exit());

const http = createServer((request, response) => {
  answer(request, response).catch((error) => {
    errors.push(String(error));
    response.writeHead(500).end();
  });
}).listen(Number(port), "127.0.0.1", () => process.send({ port: http.address().port }));
