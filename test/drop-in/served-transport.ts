import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { StreamableHTTPServerTransportOptions as OurOptions } from "@durable-mcp/node";
import type { StreamableHTTPServerTransportOptions as SdkOptions } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { RawClient } from "../support/raw-client.js";
import { CommandedServer } from "./commanded-server.js";
import type { AnyTransport, TransportClass } from "./transport-classes.js";

/** Options of either class; the SDK's ignores what it does not know. */
export type Options = SdkOptions | OurOptions;

type Handle = (transport: AnyTransport, request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface ServeOptions {
  /** Whether the server object is connected to the transport. Default: true. */
  readonly connect?: boolean;
  /** What the application does with a request. Default: it hands it to the transport as it is. */
  readonly handle?: Handle;
}

/** One transport, its server object, and node:http in front: no application that decides anything. */
export class ServedTransport {
  readonly url: string;
  readonly transport: AnyTransport;
  readonly commanded = new CommandedServer();
  /** What `onerror` was told. */
  readonly errors: string[] = [];
  /** How often `onclose` was called. */
  closes = 0;
  /** What `handleRequest` has thrown. */
  readonly thrown: string[] = [];
  readonly #http: ReturnType<typeof createServer>;

  private constructor(transport: AnyTransport, http: ReturnType<typeof createServer>) {
    this.transport = transport;
    this.#http = http;
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
    transport.onclose = () => {
      this.closes += 1;
    };
    transport.onerror = ({ message }) => this.errors.push(message);
  }

  /** Starts one on a free port. Without `sessionIdGenerator` among the options, ids are numbered: stateless has to be said. */
  static async start(
    Transport: TransportClass,
    options: Options = {},
    { connect = true, handle = (transport, ...both) => transport.handleRequest(...both) }: ServeOptions = {},
  ): Promise<ServedTransport> {
    let served: ServedTransport | undefined;
    const transport = new Transport({ sessionIdGenerator: nextId, ...options } as SdkOptions);
    const http = createServer((request, response) => {
      handle(transport, request, response).catch((error) => {
        served?.thrown.push((error as Error).message);
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    served = new ServedTransport(transport, http);
    if (connect) await served.commanded.server.connect(transport);
    return served;
  }

  /** Opens the session. */
  open(protocolVersion?: string): Promise<RawClient> {
    return RawClient.open(this.url, protocolVersion);
  }

  async stop(): Promise<void> {
    await this.transport.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

let sessions = 0;

/** Session ids that differ from test to test. */
function nextId(): string {
  sessions += 1;
  return `session-${sessions}`;
}
