import { once } from "node:events";
import {
  Agent,
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  request,
  type ServerResponse,
} from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, connect, type Socket } from "node:net";
import { createMcpEndpoint, type McpEndpoint } from "@durable-mcp/core";
import { createNodeListener, handleNodeRequest } from "@durable-mcp/node";
import { createMemoryStore } from "@durable-mcp/store-memory";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitFor } from "../support/wait-for.js";

const MAX_BODY_BYTES = 300_000;
const HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };

let endpoint: McpEndpoint;
let server: HttpServer;
let port: number;

beforeEach(async () => {
  endpoint = createMcpEndpoint({
    store: createMemoryStore(),
    createServer: () => new McpServer({ name: "plain", version: "1.0.0" }),
    maxBodyBytes: MAX_BODY_BYTES,
  });
  server = createServer(createNodeListener(endpoint, { path: "/mcp" })).listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  await endpoint.close();
  server.closeAllConnections();
  server.close();
});

function initialize(name: string): string {
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name, version: "1" } };
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params });
}

/** Sends a POST piece by piece. Returns: status, headers and body of the answer */
function post(pieces: readonly Uint8Array[], options: { agent?: Agent; length?: number } = {}) {
  return new Promise<{ status: number | undefined; session: string; body: string }>((resolve, reject) => {
    const length = options.length === undefined ? {} : { "content-length": options.length };
    const outgoing = request(
      { port, path: "/mcp", method: "POST", headers: { ...HEADERS, ...length }, agent: options.agent },
      (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text) => {
          body += text;
        });
        const session = String(response.headers["mcp-session-id"]);
        response.on("end", () => resolve({ status: response.statusCode, session, body }));
      },
    );
    outgoing.on("error", reject);
    for (const piece of pieces) outgoing.write(piece);
    outgoing.end();
  });
}

describe("a request's body on node:http", () => {
  it("is read whole from pieces of a byte, characters cut in two included", async () => {
    const bytes = Buffer.from(initialize(`näme ${"€".repeat(10_000)}`));
    const { status, body } = await post([...bytes].map((byte) => Uint8Array.of(byte)));
    expect(status).toBe(200);
    expect(body).toContain('"name":"plain"');
  });

  it.each(["announced", "unannounced"])(
    "over the limit, %s, gets 413, and its connection goes on",
    async (how) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const large = Buffer.alloc(MAX_BODY_BYTES + 1, " ");
      const refused = await post([large], {
        agent,
        ...(how === "announced" ? { length: large.length } : {}),
      });
      expect(refused.status).toBe(413);
      expect(JSON.parse(refused.body)).toMatchObject({ jsonrpc: "2.0", id: null, error: { code: -32000 } });
      expect((await post([Buffer.from(initialize("next"))], { agent })).status).toBe(200);
      agent.destroy();
    },
  );

  it("that is no UTF-8 gets 400", async () => {
    const { status, body } = await post([Buffer.from(initialize("x")), Uint8Array.of(0xff)]);
    expect([status, JSON.parse(body)]).toMatchObject([400, { error: { code: -32700 } }]);
  });

  it("that somebody else has parsed is taken from them", async () => {
    server.removeAllListeners("request").on("request", (incoming, response) => {
      incoming.resume();
      void handleNodeRequest(endpoint, incoming, response, { parsedBody: JSON.parse(initialize("parsed")) });
    });
    expect((await post([Buffer.from("{}")])).body).toContain('"name":"plain"');
  });
});

describe("connections on node:http", () => {
  it("G7: two requests sent ahead on a socket that is destroyed leave nothing behind", async () => {
    const { session } = await post([Buffer.from(initialize("pipelining"))]);
    const socket: Socket = connect(port, "127.0.0.1");
    const common = `Host: localhost\r\nMcp-Session-Id: ${session}\r\n`;
    const ping = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "ping" });
    socket.write(`GET /mcp HTTP/1.1\r\n${common}Accept: text/event-stream\r\n\r\n`);
    const second = `POST /mcp HTTP/1.1\r\n${common}Accept: application/json, text/event-stream\r\n`;
    socket.write(`${second}Content-Type: application/json\r\nContent-Length: ${ping.length}\r\n\r\n${ping}`);
    // The stream that came first never ends, so the answer to the second is never sent.
    await waitFor("the second answer to wait", () => endpoint.stats().bufferedBytes > 0);
    socket.destroy();
    await waitFor("the connections to be gone", () => {
      const { connections, bufferedBytes } = endpoint.stats();
      return connections === 0 && bufferedBytes === 0;
    });
  });

  it("another path gets 404; a path that can never match is refused", async () => {
    const response = await fetch(`http://127.0.0.1:${port}/other`);
    expect(response.status).toBe(404);
    expect(() => createNodeListener(endpoint, { path: "mcp" })).toThrow(/options\.path: expected/);
  });
});

describe("an endpoint that is shut down", () => {
  it("G10 ends the connections of clients that come back, so that the server can close", async () => {
    const agent = new Agent({ keepAlive: true });
    const body = [Buffer.from(initialize("keeps its connection"))];
    expect((await post(body, { agent })).status).toBe(200);
    await endpoint.close();
    expect((await post(body, { agent })).status).toBe(503);
    const closed = new Promise((resolve) => server.close(resolve));
    await closed;
    expect(Object.keys(agent.freeSockets)).toEqual([]);
    agent.destroy();
  });

  it("says so on HTTP/2, too, which has no header for that", async () => {
    await endpoint.close();
    const second = createHttp2Server((request, response) => {
      void handleNodeRequest(
        endpoint,
        request as unknown as IncomingMessage,
        response as unknown as ServerResponse,
      );
    }).listen(0, "127.0.0.1");
    await once(second, "listening");
    const client = connectHttp2(`http://127.0.0.1:${(second.address() as AddressInfo).port}`);
    const stream = client.request({ ":method": "POST", ":path": "/mcp", ...HEADERS });
    stream.end(initialize("on HTTP/2"));
    const [headers] = await once(stream, "response");
    expect(headers).toMatchObject({ ":status": 503, "retry-after": "2" });
    client.destroy();
    second.close();
  });
});
