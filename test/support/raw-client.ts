import { SseFollower } from "./sse-follower.js";

/** Where requests go: all to one place, or each to wherever it is told. */
export type Address = string | (() => string);

/** A client of one session that decides itself when to ask for what, and never reconnects by itself. */
export class RawClient {
  readonly sessionId: string;
  readonly protocolVersion: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly #address: Address;

  private constructor(address: Address, sessionId: string, protocolVersion: string) {
    this.#address = address;
    this.sessionId = sessionId;
    this.protocolVersion = protocolVersion;
    this.headers = { "mcp-session-id": sessionId, "mcp-protocol-version": protocolVersion };
  }

  /** Opens a session: initialize, initialized. */
  static async open(address: Address, protocolVersion = "2025-11-25"): Promise<RawClient> {
    const params = { protocolVersion, capabilities: {}, clientInfo: { name: "raw", version: "1.0.0" } };
    const body = { jsonrpc: "2.0", id: "init", method: "initialize", params };
    const opening = await SseFollower.open(urlOf(address), { method: "POST", body });
    await opening.untilOver();
    const sessionId = opening.header("mcp-session-id");
    if (opening.status !== 200 || sessionId === undefined)
      throw new Error(`initialize: ${opening.status} ${opening.body}`);
    const client = new RawClient(address, sessionId, protocolVersion);
    await (await client.post({ jsonrpc: "2.0", method: "notifications/initialized" })).untilOver();
    return client;
  }

  /** The same session, at another address. */
  static attach(address: Address, { sessionId, protocolVersion }: RawClient): RawClient {
    return new RawClient(address, sessionId, protocolVersion);
  }

  /** Where the next request goes. */
  get url(): string {
    return urlOf(this.#address);
  }

  post(body: unknown): Promise<SseFollower> {
    return SseFollower.open(this.url, { method: "POST", headers: this.headers, body });
  }

  /** Calls the tool, once per id: several ids make a batch. */
  call(...ids: readonly (string | number)[]): Promise<SseFollower> {
    const requests = ids.map((id) => ({
      jsonrpc: "2.0",
      id,
      method: "tools/call",
      params: { name: "emit" },
    }));
    return this.post(requests.length === 1 ? requests[0] : requests);
  }

  /** Cancels a request. */
  async cancel(requestId: string | number): Promise<void> {
    const params = { requestId };
    await (await this.post({ jsonrpc: "2.0", method: "notifications/cancelled", params })).untilOver();
  }

  /** GET; without a cursor it follows the GET stream, with one it resumes that cursor's stream. */
  get(cursor?: string): Promise<SseFollower> {
    const headers = { ...this.headers, ...(cursor === undefined ? {} : { "last-event-id": cursor }) };
    return SseFollower.open(this.url, { method: "GET", headers });
  }

  /** Ends the session. */
  async delete(): Promise<number> {
    const answer = await SseFollower.open(this.url, { method: "DELETE", headers: this.headers });
    await answer.untilOver();
    return answer.status;
  }
}

function urlOf(address: Address): string {
  return typeof address === "string" ? address : address();
}
