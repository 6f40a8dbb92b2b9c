import { McpServer, requireScopes } from "@modelcontextprotocol/server";
import { expect, it } from "vitest";
import { ServedEndpoint } from "./served-endpoint.js";

const INFO = { name: "scoped", version: "1.0.0" };

it("SDK v2: a tool whose scopes the caller lacks is not called, and the client is told which it needs", async () => {
  let called = 0;
  const served = await ServedEndpoint.start(() => {
    const server = new McpServer(INFO);
    const call = async () => {
      called += 1;
      return { content: [] };
    };
    server.registerTool("scoped", { scopeChallenge: requireScopes("admin", "write") }, call);
    server.registerTool("open", {}, call);
    return server;
  });
  const session = await served.open();
  const ask = (name: string) =>
    fetch(served.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-session-id": session.id,
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name } }),
    });

  const refused = await ask("scoped");
  expect([refused.status, called]).toEqual([403, 0]);
  expect(refused.headers.get("www-authenticate")).toBe(
    'Bearer error="insufficient_scope", error_description="Insufficient scope", scope="admin write"',
  );
  expect(await refused.json()).toMatchObject({
    id: 1,
    error: { code: -32000, message: "Insufficient scope" },
  });

  const answered = await ask("open");
  expect(answered.status).toBe(200);
  expect(await answered.text()).toContain('"result"');
  expect(called).toBe(1);
});

it("SDK v2: a session of a revision that only its server knows goes on in that revision", async () => {
  const supportedProtocolVersions = ["2025-12-24"];
  const served = await ServedEndpoint.start(() => new McpServer(INFO, { supportedProtocolVersions }));
  const session = await served.open({ protocolVersion: "2025-12-24" });
  await session.done("ping");
});
