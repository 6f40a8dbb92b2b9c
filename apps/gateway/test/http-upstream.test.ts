import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, onTestFinished, test } from "vitest";
import type { HttpApp } from "../src/config.js";
import { openSession, textOf } from "./support/session.js";
import { waitFor } from "./support/wait-for.js";

const BIG = 20 * 1024 * 1024;

/** An upstream over HTTP that keeps its sessions in a map, as servers do, and forgets them when told to. */
async function startUpstream() {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const requests: { method: string | undefined; authorization: string | undefined }[] = [];
  const http = createServer(async (request: IncomingMessage, response) => {
    requests.push({ method: request.method, authorization: request.headers.authorization });
    const id = request.headers["mcp-session-id"];
    const known = typeof id === "string" ? sessions.get(id) : await open();
    if (!known) return response.writeHead(404).end();
    await known.handleRequest(request, response);
  });
  const open = async () => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    const server = new Server({ name: "remote", version: "1" }, { capabilities: { tools: {}, logging: {} } });
    server.setRequestHandler(ListToolsRequestSchema, () => ({
      tools: [{ name: "whoami", inputSchema: { type: "object" } }],
    }));
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
      if (params.name === "vanish") {
        const begun = { level: "info" as const, data: "begun" };
        await extra.sendNotification({ method: "notifications/message", params: begun });
        setTimeout(() => http.closeAllConnections(), 50);
        return new Promise(() => {});
      }
      if (params.name === "big") return { content: [{ type: "text", text: "x".repeat(BIG) }] };
      return { content: [{ type: "text", text: transport.sessionId ?? "" }] };
    });
    await server.connect(transport as never);
    return transport;
  };
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const stop = () => {
    http.closeAllConnections();
    return new Promise((resolve) => http.close(resolve));
  };
  onTestFinished(async () => void (await stop()));
  const { port } = http.address() as AddressInfo;
  const app: HttpApp = {
    kind: "http",
    name: "remote",
    url: `http://127.0.0.1:${port}/mcp`,
    headers: { Authorization: "Bearer s3cret" },
    timeoutMs: 5_000,
  };
  return { app, sessions, requests, stop };
}

/**
 * A minimal upstream over HTTP, without a session. `refuse` says which requests get an HTTP status in place of an
 * answer; calls of the tool `slow` are answered when released.
 */
async function startRefusing(refuse: (body: string) => number | undefined) {
  const methods: string[] = [];
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const http = createServer(async (request, response) => {
    const body = await text(request);
    if (request.method !== "POST") return response.writeHead(405).end();
    const { id, method, params } = JSON.parse(body);
    methods.push(params?.name ?? method);
    const status = refuse(body);
    if (status !== undefined) return response.writeHead(status).end();
    if (id === undefined) return response.writeHead(202).end();
    if (params?.name === "slow") await released;
    const serverInfo = { name: "remote", version: "1" };
    const result =
      method === "initialize"
        ? { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo }
        : { content: [{ type: "text", text: "done" }] };
    response.writeHead(200, { "content-type": "application/json" });
    return response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    release();
    http.closeAllConnections();
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/mcp`;
  const app: HttpApp = { kind: "http", name: "remote", url, headers: {}, timeoutMs: 5_000 };
  return { app, methods, release };
}

const whoami = { name: "remote_whoami", arguments: {} };

describe("an upstream over HTTP", () => {
  test("is reached with its headers, listed and called", async () => {
    const { app, requests } = await startUpstream();
    const { client } = await openSession([app]);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["remote_whoami"]);
    expect(textOf(await client.callTool(whoami))).toMatch(/^[0-9a-f-]{36}$/);
    for (const { authorization } of requests) expect(authorization).toBe("Bearer s3cret");
  });

  test("loses our session: a new one is opened and the call sent again", async () => {
    const { app, sessions } = await startUpstream();
    const { client } = await openSession([app]);
    const before = textOf(await client.callTool(whoami));
    sessions.clear();
    const after = textOf(await client.callTool(whoami));
    expect(after).not.toBe(before);
    expect(textOf(await client.callTool(whoami))).toBe(after);
  });

  test("breaks off its answer: the call fails at once", async () => {
    const { app } = await startUpstream();
    const { client } = await openSession([app]);
    await client.callTool(whoami);
    const error = await client.callTool({ name: "remote_vanish", arguments: {} }).catch((e) => e);
    expect(error.message).toContain('App "remote" broke off its answer');
    expect(error.data).toMatchObject({ reason: "UPSTREAM_ENDED", retryable: true });
    expect(textOf(await client.callTool(whoami))).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("answers with 20 MB in one line: they come whole", async () => {
    const { app } = await startUpstream();
    const { client } = await openSession([app]);
    const big = textOf(await client.callTool({ name: "remote_big", arguments: {} }));
    expect(big === "x".repeat(BIG)).toBe(true);
  });

  test.each([400, 401, 413, 503])("refuses one call with %d: the other goes on", async (status) => {
    const { app, methods, release } = await startRefusing((body) =>
      body.includes("refused") ? status : undefined,
    );
    const { client, logged } = await openSession([app]);
    const slow = client.callTool({ name: "remote_slow", arguments: {} });
    await waitFor("the call", () => methods.includes("slow"));
    const error = await client.callTool({ name: "remote_refused", arguments: {} }).catch((e) => e);
    expect(error.message).toContain(`App "remote" refused the request: HTTP status ${status}`);
    expect(error.data).toMatchObject({ reason: "UPSTREAM_UNAVAILABLE", retryable: status >= 500 });
    expect(error).toMatchObject({ code: -31020, data: { reason: "UPSTREAM_UNAVAILABLE", app: "remote" } });
    release();
    expect(textOf(await slow)).toBe("done");
    expect(methods.filter((method) => method === "initialize")).toHaveLength(1);
    expect(logged.filter(({ level }) => level === "warn")).toEqual([]);
  });

  test("forgets our session and says 400 to all: a new one is opened and the call sent again", async () => {
    let forgotten = false;
    const { app, methods } = await startRefusing((body) => {
      if (body.includes('"initialize"')) forgotten = false;
      return forgotten ? 400 : undefined;
    });
    const { client } = await openSession([app]);
    expect(textOf(await client.callTool(whoami))).toBe("done");
    forgotten = true;
    expect(textOf(await client.callTool(whoami))).toBe("done");
    expect(methods.filter((method) => method === "initialize")).toHaveLength(2);
  });

  test("is told when the session ends", async () => {
    const { app, sessions, requests } = await startUpstream();
    const session = await openSession([app]);
    await session.client.callTool(whoami);
    await session.sessions.close();
    expect(requests.at(-1)?.method).toBe("DELETE");
    expect(sessions.size).toBe(0);
  });

  test.each([
    ["an error", 500, "application/json", '{"error":"s3cret"}', "HTTP status 500"],
    ["what is no JSON", 200, "application/json", "s3cret", "the answer is not MCP"],
    ["what is no JSON-RPC", 200, "application/json", '{"s3cret":1}', "the answer is not MCP"],
    ["another type", 200, "text/s3cret", "s3cret", "the answer is not MCP"],
  ])(
    "answers with %s: the cause says so, and nothing of the answer",
    async (_what, status, type, body, cause) => {
      const http = createServer((_request, response) => {
        response.writeHead(status, { "content-type": type }).end(body);
      });
      await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
      onTestFinished(() => void http.close());
      const { port } = http.address() as AddressInfo;
      const url = `http://127.0.0.1:${port}/mcp`;
      const { client, logged } = await openSession([
        { kind: "http", name: "remote", url, headers: {}, timeoutMs: 5_000 },
      ]);
      const error = await client.callTool(whoami).catch((e) => e);
      expect(error.message).toMatch(new RegExp(`App "remote" is not available: ${cause}$`));
      expect(logged).toContainEqual(expect.objectContaining({ event: "upstream cannot be reached", cause }));
      expect(JSON.stringify(logged)).not.toContain("s3cret");
    },
  );

  test("cannot be reached: the error says why, without secrets", async () => {
    const { app, stop } = await startUpstream();
    const { client, logged } = await openSession([app]);
    await client.callTool(whoami);
    await stop();
    const lost = await client.callTool(whoami).catch((e) => e);
    expect(lost.message).toContain('App "remote" could not be reached: fetch failed');
    const gone = await client.callTool(whoami).catch((e) => e);
    expect(gone.message).toMatch(/App "remote" is not available: fetch failed: .*ECONNREFUSED/);
    expect(gone.data).toMatchObject({ reason: "UPSTREAM_UNAVAILABLE", retryable: true });
    expect(JSON.stringify(logged)).not.toContain("s3cret");
  });
});
