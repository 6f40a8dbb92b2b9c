import type { LoggingLevel } from "@modelcontextprotocol/sdk/types.js";
import type { SdkName } from "../support/sdk-table.js";
import { waitFor } from "../support/wait-for.js";
import { type Exchange, TracedFetch } from "./traced-fetch.js";
import { connectTrafficClient, type TrafficClient } from "./traffic-client.js";

const DEADLINE_MS = 10_000;

/** One session of an official client, with what it must have been told. */
export class TrafficSession {
  readonly traced: TracedFetch;
  /** What the server was made to say on the GET stream, in order. */
  readonly expected: string[] = [];
  /** What has come by the GET stream. */
  readonly heard: string[] = [];
  /** Log messages that belong to calls. */
  readonly callLogs: string[] = [];
  readonly subscriptions = new Set<string>();
  logLevel: LoggingLevel = "debug";
  /** How often the tool that counts was called. */
  counted = 0;
  readonly #onError: (error: Error) => void;
  #client: TrafficClient | undefined;
  #cuts = 0;
  #ending = false;

  private constructor(onError: (error: Error) => void) {
    this.traced = new TracedFetch();
    this.#onError = onError;
  }

  /** Opens one. `onError` gets every error that the client reports and that no cut of ours explains. */
  static async open(sdk: SdkName, url: string, onError: (error: Error) => void): Promise<TrafficSession> {
    const session = new TrafficSession(onError);
    session.#client = await connectTrafficClient(sdk, url, session.traced, {
      log: (data) => (data.startsWith("call ") ? session.callLogs : session.heard).push(data),
      updated: (uri) => session.heard.push(`updated: ${uri}`),
      error: (error) => session.#judge(error),
    });
    return session;
  }

  get client(): TrafficClient["client"] {
    return this.#connected.client;
  }

  get call(): TrafficClient["call"] {
    return this.#connected.call;
  }

  get id(): string {
    return this.#connected.transport.sessionId ?? "";
  }

  /** Cuts a connection from whose answer the client has read already. */
  cut(exchange: Exchange | undefined): void {
    if (!exchange) throw new Error("There is nothing to cut");
    this.#cuts += 1;
    exchange.cut();
  }

  /** Waits until everything that is expected on the GET stream has come; anything else is an error. */
  async settle(): Promise<void> {
    await waitFor(
      `${this.expected.length} notifications (${this.heard.length} have come)`,
      () => this.heard.length >= this.expected.length,
      DEADLINE_MS,
    );
    this.checkHeard();
  }

  /** Checks what has come on the GET stream, which must be all that was expected. */
  checkHeard(): void {
    const [heard, expected] = [JSON.stringify(this.heard), JSON.stringify(this.expected)];
    if (heard !== expected) throw new Error(`On the GET stream came ${heard} in place of ${expected}`);
  }

  /** Ends the session by DELETE, and closes the client. */
  async terminate(): Promise<void> {
    // The GET stream ends before the DELETE is answered: what the client thinks of that is no matter.
    this.#ending = true;
    await this.#connected.transport.terminateSession();
    await this.close();
  }

  /** Closes the client. The session goes on. */
  async close(): Promise<void> {
    this.#ending = true;
    await this.client.close();
  }

  get #connected(): TrafficClient {
    if (this.#client) return this.#client;
    throw new Error("The client is not connected");
  }

  /** Every cut explains one report of a disconnect. */
  #judge(error: Error): void {
    if (this.#ending) return;
    if (this.#cuts > 0 && /^SSE stream disconnected: Error: cut by the test$/.test(error.message))
      this.#cuts -= 1;
    else this.#onError(error);
  }
}
