import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { StreamableHTTPServerTransport, type StreamableHTTPServerTransportOptions } from "@durable-mcp/node";
import { createMemoryStore } from "@durable-mcp/store-memory";
import { WebStandardStreamableHTTPServerTransport } from "@durable-mcp/web";
import { getRequestListener } from "@hono/node-server";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { McpServer } from "@modelcontextprotocol/server";
import { expect, it } from "vitest";
import { CuttingProxy } from "../support/cutting-proxy.js";
import { waitFor } from "../support/wait-for.js";

/** Each of our classes, and what serves it on node:http. */
const CLASSES = [
  {
    name: "our class",
    make: (options: StreamableHTTPServerTransportOptions) => {
      const transport = new StreamableHTTPServerTransport(options);
      const listener: RequestListener = (request, response) =>
        void transport.handleRequest(request, response);
      return { transport, listener };
    },
  },
  {
    name: "our web class",
    make: (options: StreamableHTTPServerTransportOptions) => {
      const transport = new WebStandardStreamableHTTPServerTransport(options);
      const handle = (request: Request) => transport.handleRequest(request);
      return { transport, listener: getRequestListener(handle, { overrideGlobalObjects: false }) };
    },
  },
];

it.each(CLASSES)(
  "G1 G11 A server object of SDK v2 on $name serves SDK v2's client, across cuts in the middle of a call",
  async ({ make }) => {
    const store = createMemoryStore();
    const gates: (() => void)[] = [];
    const mcp = new McpServer({ name: "v2", version: "1.0.0" }, { capabilities: { logging: {} } });
    mcp.registerTool("work", {}, async (context) => {
      for (let n = 1; n <= 9; n += 1) {
        await context.mcpReq.notify({ method: "notifications/message", params: { level: "info", data: n } });
        if (n % 3 === 0) await new Promise<void>((resolve) => gates.push(resolve));
      }
      return { content: [{ type: "text", text: "done" }] };
    });
    const { transport, listener } = make({
      eventStore: store,
      sessionIdGenerator: () => "session-of-v2",
      retryInterval: 20,
    });
    await mcp.connect(transport);
    const http = createServer(listener);
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const proxy = await CuttingProxy.start((http.address() as AddressInfo).port);

    const client = new Client({ name: "v2", version: "1.0.0" });
    const clientTransport = new StreamableHTTPClientTransport(new URL(proxy.url));
    await client.connect(clientTransport);
    expect(clientTransport.sessionId).toBe("session-of-v2");
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["work"]);
    const told: unknown[] = [];
    client.setNotificationHandler("notifications/message", ({ params }) => void told.push(params.data));
    const working = client.callTool({ name: "work" });
    for (let cuts = 1; cuts <= 3; cuts += 1) {
      await waitFor("three more messages", () => told.length === 3 * cuts && gates.length === cuts);
      proxy.cut();
      gates[cuts - 1]?.();
    }
    expect(await working).toMatchObject({ content: [{ text: "done" }] });
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);

    await clientTransport.terminateSession();
    await client.close();
    await transport.close();
    await proxy.stop();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
    await store.close();
  },
);
