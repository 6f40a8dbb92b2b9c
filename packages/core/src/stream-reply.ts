import type { DurableMcpError, EventLog, RequestId } from "@durable-mcp/contract";
import type { CallTable, Reply } from "./calls.js";
import { controlEvent } from "./control-events.js";
import { refuseRequest } from "./json-reply.js";
import { isRequest, type JsonRpcMessage, type JsonRpcRequest } from "./json-rpc.js";
import { type Committed, StreamWriter } from "./stream-writer.js";

export interface StreamReplyOptions {
  readonly log: EventLog;
  readonly sessionId: string;
  readonly streamId: string;
  readonly fence: number;
  readonly calls: CallTable;
  /** The requests that have no response yet. */
  readonly requestIds: readonly RequestId[];
  /** Whether the answers are all that goes on the stream: no notification, and no request of the server. */
  readonly answersOnly?: boolean;
  readonly onCommitted: (committed: Committed) => void;
  /** An append failed; `ids` are the requests that will get no stored response any more. */
  readonly onFailed: (error: DurableMcpError, ids: readonly RequestId[]) => void;
  /** A notification that nobody waits for was not stored. */
  readonly onDropped: (error: unknown) => void;
}

/** Answers the requests of one POST on a stream of their own: stored first, delivered second. */
export class StreamReply implements Reply {
  readonly held = false;
  readonly streamId: string;
  readonly #options: StreamReplyOptions;
  readonly #writer: StreamWriter;
  readonly #unanswered: Set<RequestId>;

  constructor(options: StreamReplyOptions) {
    const { log, sessionId, streamId, fence, onCommitted } = options;
    this.streamId = streamId;
    this.#options = options;
    this.#unanswered = new Set(options.requestIds);
    this.#writer = new StreamWriter({
      log,
      key: { sessionId, streamId },
      fence,
      groupsTurns: true,
      onCommitted,
      onFailed: (error) => this.fail(error),
    });
  }

  /** Stores the requests, so that they can be dispatched again if this process dies. */
  storeRequests(requests: readonly JsonRpcRequest[]): Promise<void> {
    return this.#writer.append(controlEvent({ type: "opened", requests: [...requests] }));
  }

  /** Stores that requests are being dispatched again. */
  storeDispatchedAgain(ids: readonly RequestId[]): Promise<void> {
    return this.#writer.append(controlEvent({ type: "dispatched-again", ids: [...ids] }));
  }

  /** Says to the node to which the requests came that they are being answered. */
  accept(): void {
    this.#writer.accompany(controlEvent({ type: "accepted" }), this.#options.onDropped);
  }

  respond(id: RequestId, response: string): Promise<void> {
    const event = { kind: "message", payload: response, final: true } as const;
    return this.#writer.append(event, this.#isLast(id), () => this.#options.calls.finish(id, this));
  }

  async relate(message: JsonRpcMessage): Promise<void> {
    if (this.#options.answersOnly) return refuseRequest(message);
    const event = { kind: "message", payload: JSON.stringify(message) } as const;
    return isRequest(message)
      ? this.#writer.append(event)
      : this.#writer.post(event, this.#options.onDropped);
  }

  cancel(id: RequestId): Promise<void> {
    this.#options.calls.cancel(id, this);
    const event = controlEvent({ type: "cancelled", ids: [id] });
    return this.#writer.append(event, this.#isLast(id)).catch(this.#options.onDropped);
  }

  fail(error: DurableMcpError): void {
    const { calls, requestIds, onFailed } = this.#options;
    // What was not stored would be missing before anything that is stored later.
    this.#writer.stop(error);
    const ids = requestIds.filter((id) => calls.get(id)?.reply === this);
    for (const id of ids) calls.finish(id, this);
    onFailed(error, ids);
  }

  /** The stream stays open in the store: the session's next owner concludes it. */
  abandon(): void {}

  #isLast(id: RequestId): boolean {
    this.#unanswered.delete(id);
    return this.#unanswered.size === 0;
  }
}
