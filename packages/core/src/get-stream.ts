import { type DurableMcpError, type EventLog, formatStreamId } from "@durable-mcp/contract";
import { lookAgain } from "./follow-policies.js";
import type { HttpResponse } from "./http.js";
import type { JsonRpcNotification } from "./json-rpc.js";
import type { RecordKeeper } from "./record-keeper.js";
import type { FollowPolicy } from "./stream-connection.js";
import type { StreamConnections } from "./stream-connections.js";
import { StreamWriter } from "./stream-writer.js";

/** The session's GET stream: what the server says outside of any request. */
export const GET_STREAM_ID = formatStreamId({ kind: "get" });

export interface GetStreamOptions {
  readonly log: EventLog;
  readonly sessionId: string;
  readonly keeper: RecordKeeper;
  readonly connections: StreamConnections;
  /** Takes what went wrong where nobody waits for it. */
  readonly onError: (error: unknown) => void;
  /** Whether the error says that the session is gone or owned by another node. */
  readonly isLost: (error: DurableMcpError) => boolean;
}

/** Writes the GET stream, and knows how far its clients have got and whether they have missed something. */
export class GetStream {
  readonly writer: StreamWriter;
  readonly #options: GetStreamOptions;
  #delivered: number;
  /** Messages could not be stored. */
  #missed = false;

  constructor(options: GetStreamOptions) {
    const { log, sessionId, keeper, connections, isLost } = options;
    this.#options = options;
    this.#delivered = keeper.shape.delivered;
    this.writer = new StreamWriter({
      log,
      key: { sessionId, streamId: GET_STREAM_ID },
      fence: keeper.fence,
      onCommitted: (committed) => connections.deliver(GET_STREAM_ID, committed),
      onFailed: (error) => {
        if (!isLost(error)) this.#missed = true;
      },
    });
  }

  /** Offset of the last event known to have been written to a connection. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Lets a connection follow the stream. */
  follow(response: HttpResponse, cursor: number, policy: FollowPolicy, preamble: readonly string[]): void {
    const delivered = (offset: number) => this.noteDelivered(offset);
    this.#options.connections.open(GET_STREAM_ID, response, cursor, { ...policy, delivered }, preamble);
  }

  /** A connection, here or on another node, has got as far as this offset. */
  noteDelivered(offset: number): void {
    this.#delivered = Math.max(this.#delivered, offset);
  }

  /** Stores how far connections have got, if that has changed. */
  saveDelivered(): void {
    const { keeper, onError } = this.#options;
    if (this.#delivered === keeper.shape.delivered) return;
    keeper.change({ shape: { delivered: this.#delivered } }).catch(onError);
  }

  /** Tells the client to look again, if messages could not be stored (G2). To be called when the store is back. */
  async makeUpForMissed(notify: (notice: JsonRpcNotification) => Promise<void>): Promise<void> {
    if (!this.#missed) return;
    this.#missed = false;
    for (const notice of lookAgain(this.#options.keeper.shape)) await notify(notice);
  }
}
