import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { expect } from "vitest";
import { createMcpEndpoint, type McpEndpoint, type McpEndpointOptions } from "../../src/index.js";
import { ControlledStore } from "./controlled-store.js";
import { ask, FakeResponse } from "./fake-http.js";
import { soon } from "./soon.js";

type Extra = Parameters<Parameters<Server["setRequestHandler"]>[1]>[1];

/** A tool call that ends when the test says so. */
export interface TestCall {
  readonly extra: Extra;
  readonly name: string;
  notify(data: string): Promise<void>;
  finish(text: string): void;
}

/** An endpoint on a controlled store, whose server objects do what the test tells them to. */
export class TestBed {
  readonly control: ControlledStore;
  readonly endpoint: McpEndpoint;
  /** Every server object that was made, in order. */
  readonly servers: Server[] = [];
  /** Every call that was dispatched, in order. */
  readonly calls: TestCall[] = [];

  constructor(options: Partial<McpEndpointOptions> = {}, control = new ControlledStore()) {
    this.control = control;
    this.endpoint = createMcpEndpoint({
      store: control.store,
      createServer: () => this.#newServer(),
      logger: { info: () => {}, warn: () => {}, error: () => {} },
      ...options,
    });
  }

  get server(): Server {
    return this.servers.at(-1) as Server;
  }

  /** The newest call, once `count` were dispatched. */
  async dispatched(count: number): Promise<TestCall> {
    await soon(() => expect(this.calls.length).toBeGreaterThanOrEqual(count));
    return this.calls[count - 1] as TestCall;
  }

  async open(protocolVersion = "2025-11-25", headers: Record<string, string> = {}): Promise<TestClient> {
    const params = { protocolVersion, capabilities: {}, clientInfo: { name: "test", version: "1" } };
    const body = { jsonrpc: "2.0", id: "init", method: "initialize", params };
    const response = await ask(this.endpoint, { body, headers });
    await soon(() => expect(response.ended).toBe(true));
    const id = response.headers["mcp-session-id"] as string;
    const client = new TestClient(this.endpoint, id, { ...headers, "mcp-session-id": id });
    await client.post({ jsonrpc: "2.0", method: "notifications/initialized" });
    return client;
  }

  #newServer(): Server {
    const capabilities = { tools: {}, resources: { subscribe: true }, logging: {} };
    const server = new Server({ name: "test", version: "1" }, { capabilities });
    server.setRequestHandler(SubscribeRequestSchema, () => ({}));
    server.setRequestHandler(UnsubscribeRequestSchema, () => ({}));
    server.setRequestHandler(SetLevelRequestSchema, () => ({}));
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
      const text = await new Promise<string>((finish) => {
        const notify = (data: string) =>
          extra.sendNotification({ method: "notifications/message", params: { level: "info", data } });
        this.calls.push({ extra, name: params.name, notify, finish });
      });
      return { content: [{ type: "text", text }] };
    });
    this.servers.push(server);
    return server;
  }
}

/** A client of one session. */
export class TestClient {
  constructor(
    readonly endpoint: McpEndpoint,
    readonly sessionId: string,
    readonly headers: Readonly<Record<string, string>>,
  ) {}

  post(body: unknown, response = new FakeResponse()): Promise<FakeResponse> {
    return ask(this.endpoint, { body, headers: this.headers }, response);
  }

  call(id: string | number, name = "tool", response = new FakeResponse()): Promise<FakeResponse> {
    return this.post(callOf(id, name), response);
  }

  get(cursor?: string, response = new FakeResponse()): Promise<FakeResponse> {
    const headers = { ...this.headers, ...(cursor === undefined ? {} : { "last-event-id": cursor }) };
    return ask(this.endpoint, { method: "GET", headers }, response);
  }

  delete(): Promise<FakeResponse> {
    return ask(this.endpoint, { method: "DELETE", headers: this.headers });
  }

  cancel(requestId: string | number): Promise<FakeResponse> {
    return this.post(cancelOf(requestId));
  }
}

export function callOf(id: string | number, name = "tool") {
  return { jsonrpc: "2.0", id, method: "tools/call", params: { name } };
}

export function cancelOf(requestId: string | number) {
  return { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } };
}

/** Waits until an answer is complete. */
export async function over(response: FakeResponse): Promise<void> {
  await soon(() => expect(response.ended).toBe(true));
}

/** A session whose endpoint was closed, and the endpoint on the same store that follows. */
export async function restarted(options: Partial<McpEndpointOptions> = {}, version = "2025-11-25") {
  const control = new ControlledStore();
  const first = new TestBed({}, control);
  const client = await first.open(version);
  await first.endpoint.close();
  const bed = new TestBed(options, control);
  return { control, bed, client: new TestClient(bed.endpoint, client.sessionId, client.headers) };
}
