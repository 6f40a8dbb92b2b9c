import type { EventLog } from "@durable-mcp/contract";
import type { HttpResponse } from "./http.js";
import { type FollowPolicy, StreamConnection } from "./stream-connection.js";
import type { Committed } from "./stream-writer.js";

/** Reconnection time in ms that a connection is told which another one of the same stream has replaced. */
const SUPERSEDED_RETRY_MS = 60_000;

export interface StreamConnectionsOptions {
  readonly log: EventLog;
  readonly sessionId: string;
  /** Reconnection time in ms for connections that this side ends. */
  readonly retryMs: number;
  readonly onError: (error: unknown) => void;
  readonly onClosed: (streamId: string) => void;
}

/** The open connections of one session: at most one per stream, and the newest wins. */
export class StreamConnections implements Iterable<StreamConnection> {
  readonly #options: StreamConnectionsOptions;
  readonly #byStream = new Map<string, StreamConnection>();

  constructor(options: StreamConnectionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byStream.size;
  }

  [Symbol.iterator](): Iterator<StreamConnection> {
    return this.#byStream.values();
  }

  /** Lets a connection follow a stream from a cursor, after some frames of its own. An older one is told to stay away. */
  open(
    streamId: string,
    response: HttpResponse,
    cursor: number,
    policy: FollowPolicy,
    preamble: readonly string[],
  ): void {
    const { log, sessionId, onError, onClosed } = this.#options;
    this.#byStream.get(streamId)?.closeWithRetry(SUPERSEDED_RETRY_MS);
    const connection: StreamConnection = new StreamConnection({
      response,
      log,
      key: { sessionId, streamId },
      cursor,
      policy,
      onError,
      onClosed: () => {
        if (this.#byStream.get(streamId) === connection) this.#byStream.delete(streamId);
        onClosed(streamId);
      },
    });
    this.#byStream.set(streamId, connection);
    if (preamble.length > 0) connection.writeFrame(preamble.join(""));
    connection.wake();
  }

  /** Hands on events that were committed just now. */
  deliver(streamId: string, committed: Committed): void {
    this.#byStream.get(streamId)?.deliver(committed);
  }

  /** Writes frames to the stream's connection and ends it. */
  endWith(streamId: string, frames: readonly string[]): void {
    this.#byStream.get(streamId)?.endWith(frames);
  }

  /** Ends the stream's connection, not the stream: the client comes back. */
  close(streamId: string): void {
    this.#byStream.get(streamId)?.closeWithRetry(this.#options.retryMs);
  }

  closeAll(): void {
    for (const streamId of [...this.#byStream.keys()]) this.close(streamId);
  }
}
