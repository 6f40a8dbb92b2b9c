import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { createMcpEndpoint, type McpEndpoint, type McpEndpointOptions } from "@durable-mcp/core";
import { createMemoryStore } from "@durable-mcp/store-memory";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { onTestFinished } from "vitest";

const HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };

export const INITIALIZE = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "asking", version: "1" } },
});

/** What an endpoint got to know of the requests that came to it. */
export interface Seen {
  readonly endpoint: McpEndpoint;
  /** Queries of the requests that opened sessions. */
  readonly queries: Readonly<Record<string, string>>[];
  /** What handlers were told of the requests that called the tool `look`. */
  readonly extras: { readonly authInfo: unknown; readonly url: string | undefined }[];
}

/** An endpoint, closed with the test, that tells what it saw. */
export function seeingEndpoint(options: Partial<McpEndpointOptions> = {}): Seen {
  const queries: Seen["queries"] = [];
  const extras: Seen["extras"] = [];
  const endpoint = createMcpEndpoint({
    store: createMemoryStore(),
    createServer: ({ query }) => {
      queries.push(query);
      const server = new McpServer({ name: "seeing", version: "1.0.0" });
      server.registerTool("look", {}, (extra) => {
        extras.push({ authInfo: extra.authInfo, url: extra.requestInfo?.url?.href });
        return { content: [] };
      });
      return server;
    },
    ...options,
  });
  onTestFinished(() => endpoint.close());
  return { endpoint, queries, extras };
}

/** Listens on a free port until the test is finished. Returns: the origin */
export async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What came of a request. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Sends a POST, of initialize unless told otherwise, and reads the answer to its end. */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  body: string | Uint8Array<ArrayBuffer> = INITIALIZE,
): Promise<Answer> {
  const response = await fetch(url, { method: "POST", headers: { ...HEADERS, ...headers }, body });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

/** Opens a session and calls the tool `look` in it. */
export async function look(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const opened = await post(url, headers);
  const session = { ...headers, "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" };
  await post(url, session, JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }));
  const call = { jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "look" } };
  return post(url, session, JSON.stringify(call));
}

/** The JSON-RPC error of an answer. */
export function errorIn({ status, headers, body }: Answer): {
  status: number;
  code: number;
  message: string;
} {
  if (headers.get("content-type") !== "application/json") throw new Error(`No JSON-RPC: ${status} ${body}`);
  const { code, message } = JSON.parse(body).error;
  return { status, code, message };
}
