import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A way to a Redis server that loses answers, or stops, when told to. */
export class SilentProxy {
  readonly #server: Server;
  readonly #pairs = new Set<{ readonly client: Socket; readonly upstream: Socket }>();
  /** Which of the next pieces of what the server says is lost, and the connection with it. 0: none. */
  losesPiece = 0;
  /** Whether new connections are cut at once. */
  refuses = false;
  /** Nothing comes through in either direction, and nothing is closed. */
  #stopped = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(port: number): Promise<SilentProxy> {
    const server = createServer();
    const proxy = new SilentProxy(server);
    server.on("connection", (client) => proxy.#join(client, connect(port, "127.0.0.1")));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The connections there are never say or hear anything again; new ones do. */
  silence(): void {
    for (const { client, upstream } of this.#pairs) {
      client.removeAllListeners("data").resume();
      upstream.removeAllListeners("data").resume();
    }
  }

  /** Cuts every connection. */
  cut(): void {
    for (const { client, upstream } of this.#pairs) {
      client.destroy();
      upstream.destroy();
    }
  }

  set stopped(stopped: boolean) {
    this.#stopped = stopped;
    for (const { client, upstream } of this.#pairs) {
      for (const socket of [client, upstream]) stopped ? socket.pause() : socket.resume();
    }
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.cut();
    await once(this.#server, "close");
  }

  #join(client: Socket, upstream: Socket): void {
    if (this.refuses) {
      client.destroy();
      upstream.on("error", () => {}).destroy();
      return;
    }
    const pair = { client, upstream };
    this.#pairs.add(pair);
    client.on("data", (bytes) => upstream.write(bytes));
    upstream.on("data", (bytes) => {
      const isCounting = this.losesPiece > 0;
      this.losesPiece = Math.max(0, this.losesPiece - 1);
      if (this.losesPiece === 0 && isCounting) {
        client.destroy();
        upstream.destroy();
      } else client.write(bytes);
    });
    const end = () => {
      this.#pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on("close", end).on("error", end);
    if (this.#stopped) {
      client.pause();
      upstream.pause();
    }
  }
}
