import { createMcpEndpoint, type McpEndpoint, type McpEndpointOptions } from "@durable-mcp/core";
import { createMemoryStore } from "@durable-mcp/store-memory";
import { createWebHandler, type RequestFacts } from "@durable-mcp/web";
import { CommandedServer } from "../drop-in/commanded-server.js";
import { waitFor } from "../support/wait-for.js";
import { initialize, webRequest } from "./web-request.js";

/** An endpoint as a function from requests to responses: no server, no socket. */
export class WebEndpoint {
  readonly endpoint: McpEndpoint;
  readonly handle: (request: Request, facts?: RequestFacts) => Promise<Response>;
  /** The server objects, in the order in which sessions were opened. */
  readonly servers: CommandedServer[] = [];

  constructor(options: Partial<McpEndpointOptions> = {}) {
    this.endpoint = createMcpEndpoint({
      // Room for what nobody has read yet.
      store: createMemoryStore({
        retention: { maxEvents: 1_000_000, maxBytes: 256 * 1024 * 1024 },
      }),
      createServer: () => {
        const commanded = new CommandedServer();
        this.servers.push(commanded);
        return commanded.server;
      },
      logger: { info: () => {}, warn: () => {}, error: () => {} },
      ...options,
    });
    this.handle = createWebHandler(this.endpoint);
  }

  /** Opens a session. Returns: the headers of its requests, and its server object */
  async open() {
    const answer = await this.handle(webRequest("POST", initialize()));
    await answer.text();
    const headers = {
      "mcp-session-id": answer.headers.get("mcp-session-id") ?? "",
      "mcp-protocol-version": "2025-11-25",
    };
    return { headers, commanded: this.servers.at(-1) as CommandedServer };
  }

  /** Waits until no connection is counted, and no byte of one. */
  async untilNothingIsLeft(): Promise<void> {
    await waitFor("every connection to be gone", () => {
      const { connections, bufferedBytes } = this.endpoint.stats();
      return connections === 0 && bufferedBytes === 0;
    });
  }
}
