import type { EventLog } from "@durable-mcp/contract";
import { type ControlEvent, controlEvent } from "./control-events.js";
import { GET_STREAM_ID } from "./get-stream.js";
import { SUPERSEDED_RETRY_MS } from "./stream-connections.js";

export interface RemoteFollowersOptions {
  readonly log: EventLog;
  readonly sessionId: string;
  readonly fence: number;
  /** Takes what went wrong where nobody waits for it. */
  readonly onError: (error: unknown) => void;
}

/** Connections on other nodes that follow streams of a session which this node owns, as far as the inbox has told. */
export class RemoteFollowers {
  readonly #options: RemoteFollowersOptions;
  /** By stream: the position in the inbox at which the newest of them has said so. */
  readonly #since = new Map<string, number>();
  /** Position up to which the inbox was read. */
  #position = 0;

  constructor(options: RemoteFollowersOptions) {
    this.#options = options;
  }

  /** The inbox was read up to a position. */
  reached(position: number): void {
    this.#position = position;
  }

  has(streamId: string): boolean {
    return this.#since.has(streamId);
  }

  /** A connection follows a stream since a position: those that did before are told to stay away. */
  add(streamId: string, position: number): void {
    const known = this.#since.get(streamId) ?? position;
    const newest = Math.max(known, position);
    if (known !== position) this.#disconnect(streamId, newest, SUPERSEDED_RETRY_MS);
    this.#since.set(streamId, newest);
  }

  forget(streamId: string): void {
    this.#since.delete(streamId);
  }

  /** Ends those that follow a stream: their clients come back after `retryMs`. */
  dismiss(streamId: string, retryMs: number | undefined): void {
    if (this.#since.delete(streamId)) this.#disconnect(streamId, this.#position + 1, retryMs);
  }

  /** Says to other nodes, known or not, that they are to look who owns the session now. */
  announceOwnership(): void {
    this.#tell(GET_STREAM_ID, { type: "ownership" });
  }

  #disconnect(streamId: string, before: number, retryMs: number | undefined): void {
    this.#tell(streamId, { type: "disconnect", before, ...(retryMs === undefined ? {} : { retryMs }) });
  }

  #tell(streamId: string, control: ControlEvent): void {
    const { log, sessionId, fence, onError } = this.#options;
    log.append({ sessionId, streamId }, [controlEvent(control)], { fence }).catch(onError);
  }
}
