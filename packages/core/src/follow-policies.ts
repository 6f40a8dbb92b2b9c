import {
  type EventLog,
  formatEventId,
  type RequestId,
  type StoredEvent,
  type StreamKey,
} from "@durable-mcp/contract";
import { isObject, type JsonRpcNotification } from "./json-rpc.js";
import type { SessionShape } from "./session-shape.js";
import { messageFrame, primingFrame } from "./sse.js";
import type { FollowPolicy } from "./stream-connection.js";
import { answerLostError, terminalErrorFrames } from "./terminal-errors.js";

/** What has become of a stream's requests, as this node knows it. */
export interface RequestFates {
  /** It is being answered, or will be, on this stream. */
  isAnswered(id: RequestId): boolean;
  /** Its client has cancelled it: it gets no answer, and no error either. */
  wasCancelled(id: RequestId): boolean;
  /** Whether the stream was there already, so that the store has forgotten it if it does not know it. */
  hasBegun(): boolean;
}

/**
 * Following the stream of a POST: where events are gone, the responses that are kept come first and then what is kept
 * without holes; an id whose response is gone gets an explicit error (G2).
 */
export class PostPolicy implements FollowPolicy {
  readonly #log: EventLog;
  readonly #key: StreamKey;
  readonly #requestIds: readonly RequestId[];
  readonly #fates: RequestFates;
  #lost: readonly RequestId[] = [];

  constructor(log: EventLog, key: StreamKey, requestIds: readonly RequestId[], fates: RequestFates) {
    this.#log = log;
    this.#key = key;
    this.#requestIds = requestIds;
    this.#fates = fates;
  }

  async gap(cursor: number, oldest: number): Promise<{ frames: readonly string[]; cursor: number }> {
    const responses = (await this.#log.finals(this.#key)).filter((event) => event.kind === "message");
    const answered = new Set(responses.map(responseId));
    const hasEnded = (await this.#log.head(this.#key))?.ended ?? true;
    const mayStillCome = (id: RequestId) => !hasEnded && this.#fates.isAnswered(id);
    this.#lost = this.#unheardOf.filter((id) => !answered.has(id) && !mayStillCome(id));
    const skipped = responses.filter(({ offset }) => offset > cursor && offset < oldest);
    return { frames: skipped.map((event) => eventFrame(this.#key.streamId, event)), cursor: oldest - 1 };
  }

  end(): readonly string[] {
    return terminalErrorFrames(this.#key.streamId, this.#lost.map(answerLostError));
  }

  unknown(): readonly string[] | undefined {
    const mayBegin = !this.#fates.hasBegun();
    if (mayBegin && this.#requestIds.some((id) => this.#fates.isAnswered(id))) return undefined;
    // The cancellation is still being stored, and ends the stream.
    if (this.#unheardOf.length === 0) return undefined;
    return terminalErrorFrames(this.#key.streamId, this.#unheardOf.map(answerLostError));
  }

  /** Those whose client still waits for something. */
  get #unheardOf(): readonly RequestId[] {
    return this.#requestIds.filter((id) => !this.#fates.wasCancelled(id));
  }
}

/**
 * Following the GET stream: where events are gone, the client is told to look again at every list and every
 * subscription, and goes on from the oldest event kept (G2).
 */
export function getPolicy(
  streamId: string,
  session: { readonly shape: SessionShape; readonly primes: boolean; refresh(): Promise<void> },
  retryMs: number | undefined,
): FollowPolicy {
  return {
    gap: async (_cursor, oldest) => {
      await session.refresh();
      const position = primingFrame(formatEventId(streamId, oldest - 1, 0), retryMs);
      const notices = lookAgain(session.shape);
      return {
        // The position comes last: a client that is cut off before it comes back with its old cursor, and is told again.
        frames: [
          ...notices.map((notice) => messageFrame(undefined, JSON.stringify(notice))),
          ...(session.primes ? [position] : []),
        ],
        cursor: oldest - 1,
      };
    },
    end: () => [],
    unknown: () => undefined,
  };
}

/** `list_changed` for each list that the server has said to have. */
export function listChanges(shape: SessionShape): readonly JsonRpcNotification[] {
  const capabilities = shape.initializeResult?.capabilities;
  const lists = ["tools", "prompts", "resources"].filter(
    (list) => isObject(capabilities) && isObject(capabilities[list]),
  );
  return lists.map((list) => ({ jsonrpc: "2.0", method: `notifications/${list}/list_changed` }));
}

/** What tells a client that it may have missed something, whatever it was (G2). */
export function lookAgain(shape: SessionShape): readonly JsonRpcNotification[] {
  return [...listChanges(shape), ...subscriptionUpdates(shape)];
}

function subscriptionUpdates(shape: SessionShape): readonly JsonRpcNotification[] {
  return shape.subscriptions.map((uri) => ({
    jsonrpc: "2.0",
    method: "notifications/resources/updated",
    params: { uri },
  }));
}

/** The JSON-RPC id that a stored response answers. */
export function responseId(event: StoredEvent): RequestId {
  return (JSON.parse(event.payload) as { id: RequestId }).id;
}

function eventFrame(streamId: string, event: StoredEvent): string {
  return messageFrame(formatEventId(streamId, event.offset, event.fence), event.payload);
}
