import assert from "node:assert/strict";
import { eventually } from "../fixtures.js";
import type { ServedContext, ServedEndpoint, ServedStats } from "./binding-harness.js";
import type { Answer } from "./client/answer.js";
import { DEADLINE_MS } from "./client/answer.js";
import { type OutgoingRequest, type StartedRequest, startRequest } from "./client/http-request.js";
import { RawSocket } from "./client/raw-socket.js";
import { INITIALIZED, initialize, NEWEST, SessionClient } from "./client/session-client.js";
import type { ServerObject } from "./server-object.js";
import type { CommandedCall, ToolCalls } from "./tool-calls.js";

/** What becomes known of the endpoint's side of a case. */
export interface Backstage {
  readonly toolCalls: ToolCalls;
  /** What `createServer` was told, and what it has made, in order. */
  readonly made: { readonly context: ServedContext; readonly object: ServerObject }[];
  /** Warnings and errors of the endpoint's logger. */
  readonly complaints: string[];
}

/** An endpoint behind the binding under test, with both ends in the hands of the case. */
export class Served {
  readonly #endpoint: ServedEndpoint;
  readonly #backstage: Backstage;
  /** Whoever may still be connected. */
  readonly #clients: { cut(): void }[] = [];
  #closing: Promise<void> | undefined;

  constructor(endpoint: ServedEndpoint, backstage: Backstage) {
    this.#endpoint = endpoint;
    this.#backstage = backstage;
  }

  get url(): string {
    return this.#endpoint.url;
  }

  get stats(): ServedStats {
    return this.#endpoint.endpoint.stats();
  }

  get complaints(): readonly string[] {
    return this.#backstage.complaints;
  }

  /** What `createServer` was told last. */
  get context(): ServedContext | undefined {
    return this.#backstage.made.at(-1)?.context;
  }

  /** Starts a request. */
  start(request: OutgoingRequest): StartedRequest {
    const started = startRequest(this.url, request);
    this.#clients.push(started);
    return started;
  }

  /** Sends a request. Resolves when the head of its answer is here. */
  open(request: OutgoingRequest): Promise<Answer> {
    return this.start(request).answer;
  }

  /** Sends a request and waits for the whole answer. */
  async request(request: OutgoingRequest): Promise<Answer> {
    return (await this.open(request)).untilOver();
  }

  /** Opens a connection for bytes by hand. */
  async socket(): Promise<RawSocket> {
    const socket = await RawSocket.open(this.url);
    this.#clients.push(socket);
    return socket;
  }

  /** Opens a session: initialize, initialized. */
  async openSession(
    protocolVersion = NEWEST,
    request: Partial<OutgoingRequest> = {},
  ): Promise<SessionClient> {
    const body = initialize("init", protocolVersion);
    const answer = await this.request({ ...request, method: "POST", body });
    const id = answer.header("mcp-session-id");
    assert.ok(answer.status === 200 && id, `initialize: ${answer.status} ${answer.text}`);
    const session = this.session({
      ...request.headers,
      "mcp-session-id": id,
      "mcp-protocol-version": protocolVersion,
    });
    assert.equal((await session.post(INITIALIZED)).status, 202, "initialized");
    return session;
  }

  /** A client of a session that was opened somewhere else. */
  session(headers: Readonly<Record<string, string>>): SessionClient {
    return new SessionClient((request) => this.open(request), headers["mcp-session-id"] ?? "", headers);
  }

  /** The tool call of that id, once it has reached a server object. */
  call(id: string | number): Promise<CommandedCall> {
    return this.#backstage.toolCalls.get(id);
  }

  /** Has the newest server object say something on the GET stream. */
  async notify(data: string): Promise<void> {
    const newest = this.#backstage.made.at(-1);
    assert.ok(newest, "no server object was made");
    await newest.object.notify(data);
  }

  /** Waits until what the endpoint holds is as it should be. */
  async until(expected: Partial<ServedStats>): Promise<void> {
    const differs = () =>
      Object.entries(expected).some(([name, value]) => this.stats[name as keyof ServedStats] !== value);
    await eventually(`stats() ${JSON.stringify(expected)}`, () => !differs(), DEADLINE_MS);
  }

  /** Asserts that the endpoint opens sessions and answers calls, whatever happened before. */
  async assertUsable(): Promise<void> {
    const session = await this.openSession();
    const answer = session.call("usable");
    (await this.call("usable")).finish("yes");
    assert.deepEqual((await (await answer).untilOver()).said, ["yes"]);
  }

  /** Closes the endpoint and its server, as a program does that shuts down. */
  close(): Promise<void> {
    this.#closing ??= this.#endpoint.close();
    return this.#closing;
  }

  /** The same, without waiting for clients. */
  async dispose(): Promise<void> {
    for (const client of this.#clients) client.cut();
    await this.close();
  }
}
