import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Store } from "@durable-mcp/contract";
import {
  createMcpEndpoint,
  type McpEndpoint,
  type McpEndpointOptions,
  type ServerLike,
} from "@durable-mcp/core";
import { createNodeListener } from "@durable-mcp/node";
import { type CallChannel, createEmittingServer, type EmittingServer } from "./emitting-server.js";
import type { SdkName } from "./sdk-table.js";
import { waitFor } from "./wait-for.js";

/** A tool call that does what the test tells it to. */
class EmittedCall implements CallChannel {
  readonly outcome: Promise<string>;
  readonly #channel: CallChannel;
  #resolve: (text: string) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(channel: CallChannel) {
    this.#channel = channel;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  notify(data: string): Promise<void> {
    return this.#channel.notify(data);
  }

  closeConnection(): void {
    this.#channel.closeConnection();
  }

  /** Ends the call with a result. */
  finish(text: string): void {
    this.#resolve(text);
  }

  /** Ends the call with a JSON-RPC error. */
  fail(text: string): void {
    this.#reject(Object.assign(new Error(text), { code: -32050 }));
  }
}

/** The server side of one session. */
export class EmittingSession {
  readonly #emitting: EmittingServer;
  /** Every call that was dispatched, by request id, in order. */
  readonly calls = new Map<string | number, EmittedCall[]>();

  constructor(sdk: SdkName) {
    this.#emitting = createEmittingServer(sdk, (id, channel) => {
      const call = new EmittedCall(channel);
      this.calls.set(id, [...(this.calls.get(id) ?? []), call]);
      return call.outcome;
    });
  }

  get server(): ServerLike {
    return this.#emitting.server;
  }

  /** Sends a notification on the GET stream. */
  notify(data: string): Promise<void> {
    return this.#emitting.notify(data);
  }

  /** The newest call of that id, once it was dispatched. */
  call(id: string | number): Promise<EmittedCall> {
    return waitFor(`the dispatch of call ${id}`, () => this.calls.get(id)?.at(-1));
  }
}

/** An endpoint over HTTP whose server objects, of either SDK, emit on command. */
export interface EmittingEndpoint {
  readonly url: string;
  readonly endpoint: McpEndpoint;
  /** The server side of a session; the newest, if it was restored. */
  session(id: string): EmittingSession;
  /** Whether a server was ever made here for that session. */
  hasServed(id: string): boolean;
  close(): Promise<void>;
}

/** Starts one on a free port. Faults of a session are not logged: tests look at what the client gets. */
export async function startEmittingEndpoint(
  store: Store,
  sdk: SdkName,
  options: Partial<McpEndpointOptions> = {},
): Promise<EmittingEndpoint> {
  const sessions = new Map<string, EmittingSession>();
  const endpoint = createMcpEndpoint({
    store,
    createServer: ({ sessionId }) => {
      const session = new EmittingSession(sdk);
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
    hasServed: (id) => sessions.has(id),
    close: async () => {
      await endpoint.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
