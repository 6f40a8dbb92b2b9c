import type { DurableMcpError, RequestId } from "@durable-mcp/contract";
import type { JsonRpcMessage, JsonRpcRequest } from "./json-rpc.js";

/** Where the answers of one POST go: an SSE stream, or one JSON body. */
export interface Reply {
  /** Sends the response to one of the requests, as JSON text. Resolves when it is stored (SSE) or sent (JSON). */
  respond(id: RequestId, response: string): Promise<void>;
  /** Sends a notification or a request of the server that belongs to one of the requests. */
  relate(message: JsonRpcMessage): Promise<void>;
  /** One of the requests gets no response: its client has cancelled it. Resolves when that is stored, or cannot be. */
  cancel(id: RequestId): Promise<void>;
  /** Nothing more can be stored: the requests still in flight end with the error, unless another node concludes them. */
  fail(error: DurableMcpError): void;
  /** Whether the client holds an HTTP request open for it that is no connection of a stream. */
  readonly held: boolean;
  /** This node lets go of the session: an answer that cannot be resumed ends now. */
  abandon(): void;
}

/** A client's request that has no response yet. */
export interface Call {
  readonly request: JsonRpcRequest;
  readonly reply: Reply;
  /** About how many bytes of memory its message takes. */
  readonly weight: number;
}

/** How long a cancellation that comes before its request is remembered. */
const EARLY_CANCEL_MS = 30_000;
/** How many of them, and of the ids answered last, a session remembers. */
const REMEMBERED_IDS = 64;
/** How many of the ids cancelled last: their handlers may take their time. */
const REMEMBERED_CANCELLATIONS = 1_000;

/** The client's requests in flight in one session. */
export class CallTable implements Iterable<Call> {
  readonly #calls = new Map<RequestId, Call>();
  #weight = 0;
  /** Ids answered last: a cancellation that crosses its answer is no early one. */
  readonly #finished = new Set<RequestId>();
  /** Ids cancelled last: what their handlers go on to say is of no interest. */
  readonly #cancelled = new Set<RequestId>();
  /** Ids cancelled before they came, with the time in ms. */
  readonly #cancelledEarly = new Map<RequestId, number>();

  get size(): number {
    return this.#calls.size;
  }

  /** About how many bytes of memory the messages of all of them take. */
  get weight(): number {
    return this.#weight;
  }

  [Symbol.iterator](): Iterator<Call> {
    return [...this.#calls.values()].values();
  }

  get(id: RequestId): Call | undefined {
    return this.#calls.get(id);
  }

  /** Enters a request. True: it is to be dispatched; false: its cancellation has come before it. */
  begin(call: Call, nowMs: number): boolean {
    const { id } = call.request;
    this.#calls.set(id, call);
    this.#weight += call.weight;
    this.#finished.delete(id);
    this.#cancelled.delete(id);
    const cancelledAt = this.#cancelledEarly.get(id);
    this.#cancelledEarly.delete(id);
    return cancelledAt === undefined || nowMs - cancelledAt > EARLY_CANCEL_MS;
  }

  /** The request is answered or cancelled, here or by an earlier owner of the session; its id may be used again. */
  finish(id: RequestId, reply?: Reply): void {
    const call = this.#calls.get(id);
    // The id is in use again, by a request of another POST.
    if (call && call.reply !== reply) return;
    if (call) this.#weight -= call.weight;
    this.#calls.delete(id);
    this.#finished.add(id);
    forgetOldest(this.#finished);
  }

  /** The client has cancelled the request. */
  cancel(id: RequestId, reply: Reply): void {
    this.finish(id, reply);
    this.#cancelled.add(id);
    forgetOldest(this.#cancelled, REMEMBERED_CANCELLATIONS);
  }

  /** Whether the request was cancelled, not answered, when it was in flight last. */
  wasCancelled(id: RequestId): boolean {
    return this.#cancelled.has(id);
  }

  /** Remembers a cancellation whose request may still be on its way. */
  cancelEarly(id: RequestId, nowMs: number): void {
    if (this.#finished.has(id)) return;
    this.#cancelledEarly.set(id, nowMs);
    forgetOldest(this.#cancelledEarly);
  }
}

function forgetOldest(ids: Map<RequestId, unknown> | Set<RequestId>, most = REMEMBERED_IDS): void {
  if (ids.size <= most) return;
  for (const oldest of ids.keys()) {
    ids.delete(oldest);
    return;
  }
}
