import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createMcpEndpoint, type McpEndpoint, type ServerLike } from "@durable-mcp/core";
import { handleNodeRequest } from "@durable-mcp/node";
import { createMemoryStore } from "@durable-mcp/store-memory";
import { onTestFinished } from "vitest";
import { RawSession, type RawSessionOptions } from "../support/raw-session.js";
import type { RecordedStream } from "../support/recorded-stream.js";
import { waitFor } from "../support/wait-for.js";
import type { Handled, SdkUnderTest, ServerUnderTest } from "./sdk-under-test.js";

export const AUTH = { token: "secret", clientId: "client", scopes: [] };
const QUIET = { info: () => {}, warn: () => {}, error: () => {} };

/** The real endpoint behind HTTP, whose requests are authenticated; gone when the test is over. */
export class ServedEndpoint<Served extends ServerLike> {
  /** The server objects it has made, in order. */
  readonly servers: Served[] = [];
  readonly #store = createMemoryStore();
  readonly #http = createServer((request, response) => {
    void handleNodeRequest(this.#endpoint, request, response, { authInfo: AUTH });
  });
  #endpoint: McpEndpoint;

  private constructor(createServerObject: () => Served) {
    this.#endpoint = this.#on(createServerObject);
  }

  static async start<Served extends ServerLike>(
    createServerObject: () => Served,
  ): Promise<ServedEndpoint<Served>> {
    const served = new ServedEndpoint(createServerObject);
    await new Promise<void>((resolve) => served.#http.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => served.#stop());
    return served;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/mcp`;
  }

  /** Opens a session. */
  open(options?: RawSessionOptions): Promise<RawSession> {
    return RawSession.open(this.url, options);
  }

  /** Closes the endpoint in an orderly way; another one on the same store takes its place. */
  async replace(createServerObject: () => Served): Promise<void> {
    await this.#endpoint.close();
    this.#endpoint = this.#on(createServerObject);
  }

  #on(createServerObject: () => Served): McpEndpoint {
    return createMcpEndpoint({
      store: this.#store,
      createServer: () => {
        const server = createServerObject();
        this.servers.push(server);
        return server;
      },
      principal: () => ({ issuer: "test", subject: "somebody", client: AUTH.clientId }),
      logger: QUIET,
    });
  }

  async #stop(): Promise<void> {
    await this.#endpoint.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
    await this.#store.close();
  }
}

/** A session in the middle of a call. */
export interface HeldCall {
  readonly served: ServedEndpoint<ServerUnderTest>;
  readonly session: RawSession;
  readonly call: RecordedStream;
  readonly handled: Handled;
  finish(): void;
}

/** Opens a session and starts a call that waits until it is finished. */
export async function holdCall(
  sdk: SdkUnderTest,
  { id = 7, ...options }: RawSessionOptions & { readonly id?: number } = {},
): Promise<HeldCall> {
  let held: Handled | undefined;
  let finish = () => {};
  const served = await ServedEndpoint.start(() =>
    sdk.createServer((handled) => {
      held = handled;
      return new Promise((resolve) => {
        finish = () => resolve("done");
      });
    }),
  );
  const session = await served.open(options);
  const call = session.call("tool", {}, id);
  const handled = await waitFor("the dispatch of the call", () => held);
  return { served, session, call, handled, finish: () => finish() };
}
