import type { EventLog } from "@durable-mcp/contract";
import type { HttpResponse } from "./http.js";
import { type FollowPolicy, StreamConnection } from "./stream-connection.js";
import type { Committed } from "./stream-writer.js";

/** Reconnection time in ms that a connection is told which another one of the same stream has replaced. */
const SUPERSEDED_RETRY_MS = 60_000;

/** How long after the end of its session a client may take to read the rest, in ms. */
const LINGER_MS = 5_000;

export interface StreamConnectionsOptions {
  readonly log: EventLog;
  readonly sessionId: string;
  /** Whether events carry ids, by which their streams can be resumed. */
  readonly withIds: boolean;
  /** Reconnection time in ms for connections that this side ends. */
  readonly retryMs: number | undefined;
  readonly onError: (error: unknown) => void;
  readonly onClosed: (streamId: string) => void;
}

/** The open connections of one session: at most one per stream, and the newest wins. */
export class StreamConnections implements Iterable<StreamConnection> {
  readonly #options: StreamConnectionsOptions;
  readonly #byStream = new Map<string, StreamConnection>();
  /** Connections that have ended, and whose clients may not have read everything yet. */
  readonly #draining = new Set<StreamConnection>();
  #closed = false;

  constructor(options: StreamConnectionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byStream.size;
  }

  /** Bytes written and not yet taken over by the operating system, of ended connections too. */
  get bufferedBytes(): number {
    return [...this.#byStream.values(), ...this.#draining].reduce((sum, one) => sum + one.bufferedBytes, 0);
  }

  [Symbol.iterator](): Iterator<StreamConnection> {
    return this.#byStream.values();
  }

  /** Whether a connection of the stream is open. */
  has(streamId: string): boolean {
    return this.#byStream.has(streamId);
  }

  /** Lets a connection follow a stream from a cursor, after some frames of its own. An older one is told to stay away. */
  open(
    streamId: string,
    response: HttpResponse,
    cursor: number,
    policy: FollowPolicy,
    preamble: readonly string[],
    /** The stream has just been made: nothing is to be read before its first event. */
    isNew = false,
  ): void {
    const { log, sessionId, withIds, onError, onClosed } = this.#options;
    this.#byStream.get(streamId)?.closeWithRetry(SUPERSEDED_RETRY_MS);
    const connection: StreamConnection = new StreamConnection({
      response,
      log,
      key: { sessionId, streamId },
      withIds,
      cursor,
      policy,
      onError,
      onClosed: () => {
        if (this.#byStream.get(streamId) === connection) this.#byStream.delete(streamId);
        this.#draining.add(connection);
        onClosed(streamId);
      },
      onGone: () => this.#draining.delete(connection),
    });
    if (this.#closed) {
      connection.closeWithRetry(this.#options.retryMs);
      return;
    }
    this.#byStream.set(streamId, connection);
    if (preamble.length > 0) connection.writeFrame(preamble.join(""));
    if (!isNew) connection.wake();
  }

  /** Hands on events that were committed just now. */
  deliver(streamId: string, committed: Committed): void {
    this.#byStream.get(streamId)?.deliver(committed);
  }

  /** The stream gets nothing more: its connection ends with these frames, after everything that the stream has. */
  conclude(streamId: string, frames: readonly string[]): void {
    this.#byStream.get(streamId)?.conclude(frames);
  }

  /** Ends the stream's connection, not the stream: the client comes back. */
  close(streamId: string): void {
    this.#byStream.get(streamId)?.closeWithRetry(this.#options.retryMs);
  }

  /** Ends every connection, and each one that still comes. */
  closeAll(): void {
    this.#closed = true;
    for (const streamId of [...this.#byStream.keys()]) this.close(streamId);
    if (this.#draining.size === 0) return;
    // Nobody counts these connections any more: who has not read them by then never will (G7).
    const timer = setTimeout(() => {
      for (const connection of this.#draining) connection.abort();
    }, LINGER_MS);
    (timer as { unref?: () => void }).unref?.();
  }
}
