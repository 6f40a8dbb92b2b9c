import type { EventInput, EventLog, StreamKey } from "@durable-mcp/contract";
import type { HttpResponse } from "./http.js";
import { type FollowPolicy, StreamConnection } from "./stream-connection.js";
import { StreamWatch } from "./stream-watch.js";
import type { Committed } from "./stream-writer.js";

/** Reconnection time in ms that a connection is told which another one of the same stream has replaced. */
export const SUPERSEDED_RETRY_MS = 60_000;

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
  readonly onOpened?: (streamId: string) => void;
  readonly onClosed: (streamId: string) => void;
  /**
   * For streams that another node writes: connections wait for the store's wake-ups, and hand over what is meant for them
   * and not for the client.
   */
  readonly onControl?: (streamId: string, event: EventInput) => void;
}

/** What is known of a stream when a connection is opened. */
export interface OpeningOptions {
  /** It has just been made: nothing is to be read before its first event. */
  readonly isNew?: boolean;
  /** Hears of what happens to it since before what the connection is given first. */
  readonly watch?: StreamWatch | undefined;
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
    { isNew = false, watch }: OpeningOptions = {},
  ): void {
    const { log, sessionId, withIds, onError, onClosed, onControl } = this.#options;
    const key = { sessionId, streamId };
    const watched = onControl && (watch ?? new StreamWatch());
    const connection: StreamConnection = new StreamConnection({
      response,
      log,
      key,
      withIds,
      cursor,
      policy,
      onControl: onControl && ((event) => onControl(streamId, event)),
      onError,
      onClosed: () => {
        watched?.stop();
        if (this.#byStream.get(streamId) === connection) this.#byStream.delete(streamId);
        this.#draining.add(connection);
        onClosed(streamId);
      },
      onGone: () => this.#draining.delete(connection),
    });
    // It is what the client comes back with, even if it is told to do so at once.
    if (preamble.length > 0) connection.writeFrame(preamble.join(""));
    const older = this.#byStream.get(streamId);
    if (this.#closed) {
      watched?.stop();
      connection.closeWithRetry(this.#options.retryMs);
      return;
    }
    this.#byStream.set(streamId, connection);
    older?.closeWithRetry(SUPERSEDED_RETRY_MS);
    this.#options.onOpened?.(streamId);
    if (watch) watch.listen(() => connection.wake());
    else if (watched) void this.#watch(key, connection, watched);
    else if (!isNew) connection.wake();
  }

  /** From now on the store says when there is more to read. */
  async #watch(key: StreamKey, connection: StreamConnection, watch: StreamWatch): Promise<void> {
    try {
      await watch.start(this.#options.log, key);
      watch.wake();
      watch.listen(() => connection.wake());
    } catch (error) {
      this.#options.onError(error);
      connection.endWith([]);
    }
  }

  /** Goes on reading, on each of them. */
  wake(): void {
    for (const connection of this) connection.wake();
  }

  /** Hands on events that were committed just now. */
  deliver(streamId: string, committed: Committed): void {
    this.#byStream.get(streamId)?.deliver(committed);
  }

  /** The stream gets nothing more: its connection ends with these frames, after everything that the stream has. */
  conclude(streamId: string, frames: readonly string[]): void {
    this.#byStream.get(streamId)?.conclude(frames);
  }

  /** Ends the stream's connection, not the stream: the client comes back after `retryMs`. */
  close(streamId: string, retryMs = this.#options.retryMs): void {
    this.#byStream.get(streamId)?.closeWithRetry(retryMs);
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
