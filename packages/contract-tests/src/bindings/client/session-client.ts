import type { Answer } from "./answer.js";
import type { OutgoingRequest } from "./http-request.js";

/** The newest revision that has sessions. */
export const NEWEST = "2025-11-25";

/** How a session client reaches its endpoint. */
type Send = (request: OutgoingRequest) => Promise<Answer>;

/** An initialize request. */
export function initialize(id: string | number = "init", protocolVersion = NEWEST) {
  const params = { protocolVersion, capabilities: {}, clientInfo: { name: "suite", version: "1.0.0" } };
  return { jsonrpc: "2.0", id, method: "initialize", params };
}

/** A tool call. */
export function toolCall(id: string | number) {
  return { jsonrpc: "2.0", id, method: "tools/call", params: { name: "commanded", arguments: {} } };
}

export function ping(id: string | number) {
  return { jsonrpc: "2.0", id, method: "ping" };
}

export const INITIALIZED = { jsonrpc: "2.0", method: "notifications/initialized" };

/** A client of one session, which does nothing by itself. */
export class SessionClient {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly #send: Send;

  constructor(send: Send, id: string, headers: Readonly<Record<string, string>>) {
    this.#send = send;
    this.id = id;
    this.headers = headers;
  }

  /** One HTTP request of this session. Resolves when the head of the answer is here. */
  request(request: OutgoingRequest): Promise<Answer> {
    return this.#send({ ...request, headers: { ...this.headers, ...request.headers } });
  }

  post(body: unknown): Promise<Answer> {
    return this.request({ method: "POST", body });
  }

  /** Calls a tool; the case ends the call. */
  call(id: string | number, options: { readonly unread?: boolean } = {}): Promise<Answer> {
    return this.request({ method: "POST", body: toolCall(id), ...options });
  }

  /** GET; without a cursor it follows the GET stream, with one it resumes that cursor's stream. */
  get(cursor?: string): Promise<Answer> {
    return this.request({ method: "GET", headers: cursor === undefined ? {} : { "last-event-id": cursor } });
  }
}
