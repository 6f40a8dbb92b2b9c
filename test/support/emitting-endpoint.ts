import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Store } from "@durable-mcp/contract";
import { createMcpEndpoint, type McpEndpoint, type McpEndpointOptions } from "@durable-mcp/core";
import { createNodeListener } from "@durable-mcp/node";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema, McpError, SubscribeRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { waitFor } from "./wait-for.js";

type Extra = Parameters<Parameters<Server["setRequestHandler"]>[1]>[1];

/** A tool call that does what the test tells it to. */
class EmittedCall {
  readonly extra: Extra;
  readonly outcome: Promise<string>;
  #resolve: (text: string) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(extra: Extra) {
    this.extra = extra;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Sends a notification that belongs to the call. `data` is what the client will see. */
  notify(data: string): Promise<void> {
    return this.extra.sendNotification({ method: "notifications/message", params: { level: "info", data } });
  }

  /** Ends the call with a result. */
  finish(text: string): void {
    this.#resolve(text);
  }

  /** Ends the call with a JSON-RPC error. */
  fail(text: string): void {
    this.#reject(new McpError(-32050, text));
  }
}

/** The server side of one session. */
class EmittingSession {
  readonly server: Server;
  /** Every call that was dispatched, by request id, in order. */
  readonly calls = new Map<string | number, EmittedCall[]>();

  constructor() {
    const capabilities = { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} };
    this.server = new Server({ name: "emitting", version: "1.0.0" }, { capabilities });
    this.server.setRequestHandler(SubscribeRequestSchema, () => ({}));
    this.server.setRequestHandler(CallToolRequestSchema, async (_request, extra) => {
      const call = new EmittedCall(extra);
      this.calls.set(extra.requestId, [...(this.calls.get(extra.requestId) ?? []), call]);
      return { content: [{ type: "text", text: await call.outcome }] };
    });
  }

  /** Sends a notification on the GET stream. */
  notify(data: string): Promise<void> {
    return this.server.notification({ method: "notifications/message", params: { level: "info", data } });
  }

  /** The newest call of that id, once it was dispatched. */
  call(id: string | number): Promise<EmittedCall> {
    return waitFor(`the dispatch of call ${id}`, () => this.calls.get(id)?.at(-1));
  }
}

/** An endpoint over HTTP whose servers emit on command. */
export interface EmittingEndpoint {
  readonly url: string;
  readonly endpoint: McpEndpoint;
  /** The server side of a session; the newest, if it was restored. */
  session(id: string): EmittingSession;
  close(): Promise<void>;
}

/** Starts one on a free port. Faults of a session are not logged: tests look at what the client gets. */
export async function startEmittingEndpoint(
  store: Store,
  options: Partial<McpEndpointOptions> = {},
): Promise<EmittingEndpoint> {
  const sessions = new Map<string, EmittingSession>();
  const endpoint = createMcpEndpoint({
    store,
    createServer: ({ sessionId }) => {
      const session = new EmittingSession();
      sessions.set(sessionId, session);
      return session.server;
    },
    logger: { info: () => {}, warn: () => {}, error: () => {} },
    ...options,
  });
  const http = createServer(createNodeListener(endpoint));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    endpoint,
    session: (id) => {
      const session = sessions.get(id);
      if (session) return session;
      throw new Error(`No server was made for session ${id}`);
    },
    close: async () => {
      await endpoint.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
