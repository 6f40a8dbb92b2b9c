import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "rolldown";

/** page.ts with everything it imports, as one script for a browser. */
export async function bundlePage(): Promise<string> {
  const { output } = await build({
    input: join(import.meta.dirname, "page.ts"),
    platform: "browser",
    output: { format: "iife" },
    write: false,
    logLevel: "warn",
  });
  return output[0].code;
}

/** A web page with a script, at an origin of its own. */
export class PageServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(script: string): Promise<PageServer> {
    const server = createServer(({ url }, response) => {
      const [type, text] =
        url === "/page.js"
          ? ["text/javascript", script]
          : ["text/html", '<!doctype html><title>Page</title><script src="/page.js"></script>'];
      response.writeHead(200, { "content-type": `${type}; charset=utf-8` }).end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new PageServer(server);
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
