import type { RequestId } from "@durable-mcp/contract";
import type { HttpHeaders } from "./http.js";
import {
  errorResponse,
  isRequest,
  isResponse,
  type JsonRpcMessage,
  type JsonRpcRequest,
  type JsonRpcResponse,
} from "./json-rpc.js";
import type { ScopeChallengeResolver } from "./scope-challenge.js";

/** What handlers learn of the HTTP request that carried their message (`extra` in the SDKs' words; v1 reads
 * `requestInfo`, v2 `request`). */
export interface MessageExtra {
  readonly authInfo?: unknown;
  /** What SDK v1 hands on of it. */
  readonly requestInfo?: { readonly headers: HttpHeaders; readonly url: URL | undefined };
  /** What SDK v2 hands on of it: the request without its body. */
  readonly request?: Request | undefined;
  /** Ends the connection, not the stream, of this request's answer: the client comes back and polls. */
  readonly closeSSEStream?: () => void;
  /** The same for the session's GET connection. */
  readonly closeStandaloneSSEStream?: () => void;
}

/** The part of a session that its transport needs. */
export interface TransportOwner {
  /** The server object says something. */
  send(message: JsonRpcMessage, relatedRequestId: RequestId | undefined): Promise<void>;
  /** The server object wants the session to end. */
  closedByServer(): Promise<void>;
}

/** Code of the error by which the server's own requests are refused while its session is being restored. */
const RESTORING_CODE = -32000;

/**
 * The transport that a session's server object is connected to: structurally the SDKs' `Transport`, without needing
 * either SDK. While a session is restored it swallows whatever the fresh server object says (G4).
 */
export class ServerTransport {
  readonly sessionId: string;
  // biome-ignore lint/suspicious/noExplicitAny: both SDKs' message types must fit
  onmessage?: (message: any, extra?: any) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;

  /** Set by servers of SDK v2 that ask for scopes. */
  scopeChallenge: ScopeChallengeResolver | undefined;

  readonly #owner: TransportOwner;
  #replayed: { readonly id: RequestId; readonly answered: (response: JsonRpcResponse) => void } | undefined;
  #replaying: boolean;
  #closed = false;

  constructor(sessionId: string, owner: TransportOwner, replaying: boolean) {
    this.sessionId = sessionId;
    this.#owner = owner;
    this.#replaying = replaying;
  }

  async start(): Promise<void> {}

  /** Called by SDK v2's McpServer, whose tools, prompts and resources may need scopes. */
  setScopeChallengeResolver(resolver: ScopeChallengeResolver): void {
    this.scopeChallenge = resolver;
  }

  async send(
    message: JsonRpcMessage,
    options?: { readonly relatedRequestId?: RequestId | undefined },
  ): Promise<void> {
    if (this.#closed) return;
    if (this.#replaying) return this.#swallow(message);
    await this.#owner.send(message, options?.relatedRequestId);
  }

  /** Called by the server object: ends the session for good. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.detach();
    await this.#owner.closedByServer();
  }

  /** Lets go of the server object, which takes it for a closed connection; the session itself may live on. */
  detach(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onclose?.();
  }

  /** Hands a message to the server object. */
  receive(message: JsonRpcMessage, extra: MessageExtra = {}): void {
    this.onmessage?.(message, extra);
  }

  /** Hands a session-shaping request to the fresh server object and waits for its answer, which goes nowhere else. */
  replay(request: JsonRpcRequest): Promise<JsonRpcResponse> {
    return new Promise((answered) => {
      this.#replayed = { id: request.id, answered };
      this.receive(request);
    });
  }

  /** From now on what the server object says is sent. */
  goLive(): void {
    this.#replaying = false;
  }

  #swallow(message: JsonRpcMessage): void {
    if (isResponse(message)) {
      if (message.id === this.#replayed?.id) this.#replayed?.answered(message);
    } else if (isRequest(message)) {
      const refusal = errorResponse(message.id, RESTORING_CODE, "Not sent: the session is being restored.");
      queueMicrotask(() => this.receive(refusal));
    }
  }
}
