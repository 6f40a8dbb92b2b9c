import type { AnswerListener, Connection, HttpAnswer } from "./connection.js";
import { del, PROTOCOL_VERSION, post } from "./mcp-requests.js";
import type { SseEvent } from "./sse-parser.js";
import { expectStatus, WrongAnswer } from "./wrong-answer.js";

const INITIALIZE = post({
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: PROTOCOL_VERSION,
    capabilities: {},
    clientInfo: { name: "bench", version: "1" },
  },
});

/** A message of a server, as far as it is looked at. */
export interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { readonly data?: unknown };
  readonly result?: {
    readonly protocolVersion?: unknown;
    readonly content?: readonly { readonly text?: unknown }[];
  };
}

/** The client's side of a session. Its calls may go over any connections. */
export class McpSession {
  readonly id: string;
  #lastRequestId = 0;

  private constructor(id: string) {
    this.id = id;
  }

  /**
   * Opens a session: initialize and notifications/initialized.
   *
   * Errors:  WrongAnswer, as everywhere here
   */
  static async open(connection: Connection): Promise<McpSession> {
    const answer = await connection.exchange(INITIALIZE);
    expectStatus(answer, 200);
    const message = lastMessage(answer);
    const id = answer.headers.get("mcp-session-id");
    if (message.id !== 0 || message.result?.protocolVersion !== PROTOCOL_VERSION || id === undefined) {
      throw new WrongAnswer(`a session on ${PROTOCOL_VERSION}`, message);
    }
    expectStatus(await connection.exchange(post({ method: "notifications/initialized" }, id)), 202);
    return new McpSession(id);
  }

  /** Ends the session. */
  async end(connection: Connection): Promise<void> {
    expectStatus(await connection.exchange(del(this.id)), 200);
  }

  /** Calls the tool that gives back its text. */
  async echo(connection: Connection): Promise<void> {
    const text = `call ${this.#lastRequestId + 1}`;
    await this.#call(connection, "echo", { text }, text);
  }

  /**
   * Calls the tool that sends `count` notifications before its result, the first one after `pauseMs`.
   *
   * Returns: every event of the answer
   */
  async stream(
    connection: Connection,
    { count, pauseMs = 0 }: { readonly count: number; readonly pauseMs?: number },
    listener?: AnswerListener,
  ): Promise<readonly SseEvent[]> {
    const answer = await this.#call(connection, "stream", { count, pauseMs }, `sent ${count}`, listener);
    return answer.events;
  }

  async #call(
    connection: Connection,
    name: string,
    args: object,
    expected: string,
    listener?: AnswerListener,
  ): Promise<HttpAnswer> {
    this.#lastRequestId += 1;
    const id = this.#lastRequestId;
    const request = post({ id, method: "tools/call", params: { name, arguments: args } }, this.id);
    const answer = await connection.exchange(request, listener);
    expectStatus(answer, 200);
    const message = lastMessage(answer);
    if (message.id !== id || message.result?.content?.[0]?.text !== expected) {
      throw new WrongAnswer(`"${expected}" for request ${id}`, message);
    }
    return answer;
  }
}

function lastMessage(answer: HttpAnswer): Message {
  const last = answer.events.at(-1);
  if (!last?.data) throw new WrongAnswer("an SSE stream with a response", answer.text || answer.events);
  return JSON.parse(last.data) as Message;
}
