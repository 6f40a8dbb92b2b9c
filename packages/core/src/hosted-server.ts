import type { ServerLike, SessionContext, SessionOpener } from "./options.js";
import type { ServerTransport } from "./server-transport.js";

/** The application's server object of one session, behind its transport. */
export class HostedServer {
  readonly #createServer: SessionOpener["createServer"];
  readonly #transport: ServerTransport;
  /** Takes what its callbacks throw. */
  readonly #onFault: (error: unknown) => void;
  #server: ServerLike | undefined;
  #closed = false;

  constructor(
    createServer: SessionOpener["createServer"],
    transport: ServerTransport,
    onFault: (error: unknown) => void,
  ) {
    this.#createServer = createServer;
    this.#transport = transport;
    this.#onFault = onFault;
  }

  /** Builds the server object and connects it, unless it is closed by then. */
  async start(context: SessionContext): Promise<void> {
    this.#server = await this.#createServer(context);
    if (this.#closed) this.#closeServer();
    else await this.#server.connect(this.#transport);
  }

  /** Tells the server object of an error that nobody else hears of. */
  report(error: unknown): void {
    this.#tell(() => this.#transport.onerror?.(error instanceof Error ? error : new Error(String(error))));
  }

  /** Takes its connection from the server object, and closes it. */
  close(): void {
    this.#closed = true;
    this.#tell(() => this.#transport.detach());
    this.#closeServer();
  }

  #closeServer(): void {
    this.#server?.close().catch(() => {});
  }

  /** Calls back into the application, whose faults must not stop what is going on here. */
  #tell(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#onFault(error);
    }
  }
}
