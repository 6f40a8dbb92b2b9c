import { type RawAnswer, rawRequest } from "./raw-http.js";
import { RecordedStream, type WireMessage } from "./recorded-stream.js";

export interface RawSessionOptions {
  readonly protocolVersion?: string;
  readonly capabilities?: Readonly<Record<string, unknown>>;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An MCP client that does nothing by itself but answer sampling, and records every message of every stream. */
export class RawSession {
  readonly url: string;
  readonly id: string;
  readonly protocolVersion: string;
  /** HTTP statuses of everything but streams. */
  readonly statuses: number[] = [];
  /** Ids of the server's requests, in the order in which they came. */
  readonly asked: string[] = [];
  /** The streams of its calls, in the order of calling. */
  readonly calls: RecordedStream[] = [];
  /** The GET stream; `resume()` opens it. */
  readonly notifications: RecordedStream;
  readonly #headers: Readonly<Record<string, string>>;
  #nextId = 1;

  private constructor(url: string, id: string, protocolVersion: string, headers: Record<string, string>) {
    this.url = url;
    this.id = id;
    this.protocolVersion = protocolVersion;
    this.#headers = { ...headers, "mcp-session-id": id, "mcp-protocol-version": protocolVersion };
    this.notifications = this.stream();
  }

  /** Opens a session: initialize, initialized. */
  static async open(url: string, options: RawSessionOptions = {}): Promise<RawSession> {
    const { protocolVersion = "2025-11-25", capabilities = { sampling: {} }, headers = {} } = options;
    const params = { protocolVersion, capabilities, clientInfo: { name: "raw", version: "1" } };
    const body = { jsonrpc: "2.0", id: 0, method: "initialize", params };
    const answer = await rawRequest(url, { method: "POST", headers, body });
    const id = answer.headers.find(([name]) => name === "mcp-session-id")?.[1];
    const data = answer.body
      .split("\n")
      .filter((line) => line.startsWith("data: {"))
      .at(-1);
    if (id === undefined || data === undefined)
      throw new Error(`initialize: ${answer.status} ${answer.body}`);
    const { result } = JSON.parse(data.slice("data: ".length)) as WireMessage;
    const session = new RawSession(url, id, result.protocolVersion, headers);
    await session.send({ method: "notifications/initialized" });
    return session;
  }

  /** A recorder for one stream of this session. */
  stream(): RecordedStream {
    return new RecordedStream(
      this.url,
      () => this.#headers,
      (message) => this.#answer(message),
    );
  }

  /** Reads a stream of this session from a cursor on, and answers nothing that it asks. */
  reread(cursor: string | undefined): RecordedStream {
    return new RecordedStream(this.url, () => this.#headers).resume(cursor);
  }

  /** Sends a notification or a response. */
  async send(message: WireMessage): Promise<RawAnswer> {
    const answer = await this.request("POST", { body: { jsonrpc: "2.0", ...message } });
    this.statuses.push(answer.status);
    return answer;
  }

  /** One HTTP request of this session. */
  request(
    method: string,
    options: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<RawAnswer> {
    return rawRequest(this.url, { method, ...options, headers: { ...this.#headers, ...options.headers } });
  }

  /** Starts a request; its answer is recorded. */
  start(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
    id?: string | number,
  ): RecordedStream {
    const requestId = id ?? this.#nextId++;
    const stream = this.stream();
    this.calls.push(stream);
    return stream.post({ jsonrpc: "2.0", id: requestId, method, params });
  }

  /** Starts a tool call that asks for progress. */
  call(name: string, args: Readonly<Record<string, unknown>> = {}, id?: string | number): RecordedStream {
    const requestId = id ?? this.#nextId++;
    const params = { name, arguments: args, _meta: { progressToken: requestId } };
    return this.start("tools/call", params, requestId);
  }

  /** Calls a tool and returns the text of its result. */
  async text(name: string, args: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const { result, error } = await this.call(name, args).followToResponse(10_000);
    if (!result) throw new Error(`${name}: ${JSON.stringify(error)}`);
    return result.content[0].text;
  }

  /** Makes a request whose result does not matter, and waits for it. */
  async done(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const { error } = await this.start(method, params).followToResponse(10_000);
    if (error) throw new Error(`${method}: ${JSON.stringify(error)}`);
  }

  /** Lets go of every connection. */
  cut(): void {
    for (const stream of [this.notifications, ...this.calls]) stream.cut();
  }

  #answer({ id, method, params }: WireMessage): void {
    if (id === undefined || method === undefined) return;
    this.asked.push(String(id));
    if (method !== "sampling/createMessage") return;
    const content = { type: "text", text: `echo ${params.messages[0].content.text}` };
    const result = { role: "assistant", model: "none", content };
    // A server that is down does not want the answer any more.
    this.send({ id, result }).catch(() => {});
  }
}
