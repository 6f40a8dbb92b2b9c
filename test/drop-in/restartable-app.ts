import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { StreamableHTTPServerTransportOptions } from "@durable-mcp/node";
import { createSqliteStore } from "@durable-mcp/store-sqlite";
import { CommandedServer } from "./commanded-server.js";
import type { Options } from "./served-transport.js";
import { type AnyTransport, OUR_CLASSES, type TransportClass } from "./transport-classes.js";

/** How a process ends, with each of our classes. */
export const ENDS = OUR_CLASSES.flatMap((ours) => [
  { ...ours, how: "in order, by transport.close()", inOrder: true },
  { ...ours, how: "as by a crash", inOrder: false },
]);

type Store = ReturnType<typeof createSqliteStore>;

/** One session of the application. */
interface AppSession {
  readonly transport: AnyTransport;
  readonly commanded: CommandedServer;
}

/**
 * An application on a durable store, which can be ended and started again on the same port. Where others answer 404, it
 * makes a new transport and lets that look for the session.
 */
export class RestartableApp {
  readonly store: Store;
  /** The application's map of its sessions. */
  readonly sessions = new Map<string, AppSession>();
  /** What the callbacks were told, in order. */
  readonly told: string[] = [];
  /** How many transports were made. */
  made = 0;
  readonly #Transport: TransportClass;
  readonly #options: StreamableHTTPServerTransportOptions;
  readonly #http: Server;
  readonly #file: string;

  private constructor(
    Transport: TransportClass,
    file: string,
    options: StreamableHTTPServerTransportOptions,
  ) {
    this.#Transport = Transport;
    this.#file = file;
    this.store = createSqliteStore({ file });
    this.#options = options;
    this.#http = createServer((request, response) => void this.#handle(request, response));
  }

  static async start(
    Transport: TransportClass,
    file: string,
    options: StreamableHTTPServerTransportOptions = {},
    port = 0,
  ): Promise<RestartableApp> {
    const app = new RestartableApp(Transport, file, options);
    await new Promise<void>((resolve) => app.#http.listen(port, "127.0.0.1", resolve));
    return app;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/mcp`;
  }

  /** The session of that id, which must be here. */
  session(id: string): AppSession {
    const session = this.sessions.get(id);
    if (session) return session;
    throw new Error(`The application has no session ${id}`);
  }

  /** Ends the process: in order, as the SDK's examples do at SIGINT, or by leaving everything as it is. */
  async end({ inOrder }: { readonly inOrder: boolean }): Promise<void> {
    if (inOrder) await Promise.all(Array.from(this.sessions.values(), ({ transport }) => transport.close()));
    await this.store.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  /** The next process, on the same file and port. */
  async restart(how: { readonly inOrder: boolean }, options = this.#options): Promise<RestartableApp> {
    const { port } = this;
    await this.end(how);
    return RestartableApp.start(this.#Transport, this.#file, options, port);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { transport } =
      this.sessions.get(String(request.headers["mcp-session-id"])) ?? (await this.#make());
    await transport.handleRequest(request, response);
    if (transport.sessionId === undefined) await transport.close();
  }

  async #make(): Promise<AppSession> {
    this.made += 1;
    const session: AppSession = {
      transport: new this.#Transport({
        eventStore: this.store,
        sessionIdGenerator: randomUUID,
        retryInterval: 20,
        onsessioninitialized: (id: string) => {
          this.told.push(`opened ${id}`);
          this.sessions.set(id, session);
        },
        onsessionclosed: (id: string) => {
          this.told.push(`ended ${id}`);
        },
        ...this.#options,
      } as Options as ConstructorParameters<TransportClass>[0]),
      commanded: new CommandedServer(),
    };
    session.transport.onclose = () => {
      this.sessions.delete(session.transport.sessionId ?? "");
    };
    await session.commanded.server.connect(session.transport);
    return session;
  }
}
