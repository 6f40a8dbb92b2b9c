import { createMemoryBackend } from "@durable-mcp/store-memory";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, it, onTestFinished } from "vitest";
import type { DropInOptions } from "../src/drop-in-options.js";
import { DropInTransport } from "../src/drop-in-transport.js";
import { ControlledStore } from "./support/controlled-store.js";
import { type FakeRequest, FakeResponse, fakeRequest } from "./support/fake-http.js";
import { soon } from "./support/soon.js";
import { callOf, over } from "./support/test-session.js";

class Transport extends DropInTransport {
  /** Calls that its server object got. */
  readonly calls: unknown[] = [];

  async ask(request: FakeRequest, response = new FakeResponse()): Promise<FakeResponse> {
    await this.handle(fakeRequest(request), response);
    return response;
  }
}

/** A transport on a node of its own if `control` is, with a server object that answers every call. */
async function connected(control: ControlledStore, options: DropInOptions = {}): Promise<Transport> {
  const settings = { sessionIdGenerator: () => crypto.randomUUID(), ...options };
  const transport = new Transport(settings, { store: control.store, resumable: true });
  onTestFinished(() => transport.close());
  const server = new Server({ name: "test", version: "1" }, { capabilities: { tools: {} } });
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    transport.calls.push(params.name);
    return { content: [] };
  });
  await server.connect(transport as never);
  return transport;
}

/** A session that a transport of one node has, and a transport of another node. */
async function twoTransports(options: DropInOptions = {}) {
  const backend = createMemoryBackend();
  const [here, there] = [new ControlledStore({ backend }), new ControlledStore({ backend })];
  const first = await connected(here, options);
  const params = {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  };
  const opened = await first.ask({ body: { jsonrpc: "2.0", id: 0, method: "initialize", params } });
  await over(opened);
  const sessionId = opened.headers["mcp-session-id"] as string;
  const headers = { "mcp-session-id": sessionId };
  const second = await connected(there, options);
  return { here, there, first, second, sessionId, headers };
}

describe("G5: the drop-in class on a store that other nodes share", () => {
  it("gives its session away when the transport is closed", async () => {
    const { first, second, headers } = await twoTransports();
    await first.close();
    const answer = await second.ask({ body: callOf(1), headers });
    await over(answer);
    expect([answer.messages, second.calls]).toMatchObject([[{ id: 1, result: {} }], ["tool"]]);
  });

  it("keeps a session alive by a GET connection at another node, and that, too (G7)", async () => {
    const { here, second, sessionId, headers } = await twoTransports({ idleTtlMs: 200, keepAliveMs: 50 });
    const get = await second.ask({ method: "GET", headers });
    const startMs = performance.now();
    await soon(() => expect(performance.now() - startMs).toBeGreaterThan(500));
    expect(await here.inner.sessions.get(sessionId)).toBeDefined();
    expect([get.ended, get.text]).toEqual([false, expect.stringMatching(/^:/m)]);
  });

  it("closes the GET connection at another node", async () => {
    const { first, second, headers } = await twoTransports();
    const get = await second.ask({ method: "GET", headers });
    await soon(() => {
      first.closeStandaloneSSEStream();
      expect(get.ended).toBe(true);
    });
  });

  it("does not deny a session whose transport was closed while it was to be taken over (G6)", async () => {
    const { here, there, second, sessionId, headers } = await twoTransports();
    const release = here.hold("take");
    onTestFinished(release);
    const calling = second.ask({ body: callOf(1), headers });
    await soon(() => expect(here.begun).toContain("take"));
    const third = await connected(there);
    const posting = third.ask({ body: { jsonrpc: "2.0", method: "notifications/test" }, headers });
    const inbox = { sessionId, streamId: "inbox" };
    await soon(async () => expect((await here.inner.log.head(inbox))?.last).toBe(2));
    await third.close();
    await here.inner.sessions.release(sessionId, 1);
    for (const { status, json } of await Promise.all([calling, posting])) {
      expect([status, json]).toMatchObject([503, { error: { data: { reason: "INTERRUPTED" } } }]);
    }
  });
});
