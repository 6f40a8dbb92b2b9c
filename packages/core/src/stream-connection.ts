import {
  type EventInput,
  type EventLog,
  formatEventId,
  type StoredEvent,
  type StreamKey,
} from "@durable-mcp/contract";
import type { HttpResponse } from "./http.js";
import { KEEP_ALIVE_FRAME, messageFrame, retryFrame } from "./sse.js";
import type { Committed } from "./stream-writer.js";

/** How much one read of the store may return, and about how much is written at a time. */
export const PAGE = { events: 256, bytes: 64 * 1024 } as const;

/** What a kind of stream does where following it is more than writing one event after the other. */
export interface FollowPolicy {
  /** The events between the cursor and `oldest` are gone: what to write instead, and the cursor to go on from (G2). */
  gap(
    cursor: number,
    oldest: number,
  ): Promise<{ readonly frames: readonly string[]; readonly cursor: number }>;
  /** The stream has ended and everything is written: what to write before the answer ends. */
  end(): readonly string[];
  /** The store does not know the stream: what to write before the answer ends, or undefined to wait for its first event. */
  unknown(): readonly string[] | undefined;
  /** An event has been handed to the connection. */
  delivered?(offset: number): void;
}

export interface StreamConnectionOptions {
  readonly response: HttpResponse;
  readonly log: EventLog;
  readonly key: StreamKey;
  /** Whether the events carry ids, by which the stream can be resumed. */
  readonly withIds: boolean;
  /** Offset of the last event that the client has; 0 = none. */
  readonly cursor: number;
  readonly policy: FollowPolicy;
  /** Takes what another node has to say to the connection, when everything before it is written. */
  readonly onControl?: ((event: EventInput) => void) | undefined;
  /** Reads failed; the connection has ended and the client will resume. */
  readonly onError: (error: unknown) => void;
  /** Nothing more is written to the connection, whoever ended it. */
  readonly onClosed: () => void;
  /** The client has read the rest, or has gone away. */
  readonly onGone: () => void;
}

/**
 * A cursor over a stream that writes what follows it to an SSE answer: read after the cursor, write, wait for a wake-up.
 * Live delivery and replay are this one loop, so there is no hand-over between them (G1). A slow client stops the loop,
 * and what it has not read stays in the store (G7).
 */
export class StreamConnection {
  readonly #options: StreamConnectionOptions;
  #cursor: number;
  #pumping = false;
  #wokenMeanwhile = false;
  #blocked = false;
  #closed = false;
  #quiet = true;
  #conclusion: readonly string[] | undefined;

  constructor(options: StreamConnectionOptions) {
    this.#options = options;
    this.#cursor = options.cursor;
    options.response.onDrain(() => {
      this.#blocked = false;
      this.wake();
    });
    options.response.onClose(() => {
      this.#close();
      options.onGone();
    });
  }

  /** Bytes written to this connection and not yet taken over by the operating system. */
  get bufferedBytes(): number {
    return this.#options.response.bufferedBytes;
  }

  /** Breaks the connection off, whatever its client has not read yet. */
  abort(): void {
    this.#options.response.abort();
  }

  /** Writes a frame that is no event of the stream. */
  writeFrame(frame: string): void {
    if (!this.#closed) this.#write(frame);
  }

  /** Goes on reading: there may be something after the cursor. */
  wake(): void {
    void this.#pump();
  }

  /** Events that were committed just now: written as they are if they follow the cursor, else read when their turn comes. */
  deliver(committed: Committed): void {
    const caughtUp =
      !this.#pumping && !this.#blocked && !this.#closed && committed.first === this.#cursor + 1;
    if (!caughtUp) {
      this.wake();
      return;
    }
    const { first, fence, events, ended } = committed;
    const written = this.#writeEvents(
      events.map((event, index) => ({ offset: first + index, fence, ...event })),
    );
    if (!written) return;
    if (ended) this.#finish();
  }

  /** Writes a comment if nothing was written since the last call, so that no proxy cuts the connection. */
  keepAlive(): void {
    if (this.#quiet && !this.#blocked && !this.#closed) this.#write(KEEP_ALIVE_FRAME);
    this.#quiet = true;
  }

  /** Ends the connection, not the stream: the client is to come back after `retryMs` ms. */
  closeWithRetry(retryMs: number | undefined): void {
    this.endWith([...(this.#conclusion ?? []), retryFrame(retryMs)]);
  }

  /** The stream gets nothing more: once everything that it has is written, writes frames and ends the connection. */
  conclude(frames: readonly string[]): void {
    this.#conclusion = frames;
    if (!this.#pumping && !this.#blocked) this.endWith(frames);
  }

  /** Writes frames and ends the connection. */
  endWith(frames: readonly string[]): void {
    if (this.#closed) return;
    this.#options.response.end(frames.join(""));
    this.#close();
  }

  async #pump(): Promise<void> {
    if (this.#pumping) {
      this.#wokenMeanwhile = true;
      return;
    }
    this.#pumping = true;
    try {
      do {
        this.#wokenMeanwhile = false;
        while (!this.#closed && !this.#blocked && (await this.#readOnce())) {
          // until the stream has nothing more for now
        }
      } while (this.#wokenMeanwhile && !this.#closed && !this.#blocked);
    } catch (error) {
      this.#options.onError(error);
      this.endWith([]);
    } finally {
      this.#pumping = false;
    }
    if (this.#conclusion && !this.#blocked) this.endWith(this.#conclusion);
  }

  /** Reads and writes one page. True: there may be more. */
  async #readOnce(): Promise<boolean> {
    const { log, key, policy } = this.#options;
    const page = await log.read(key, this.#cursor, PAGE);
    if (this.#closed) return false;
    if (page.outcome === "unknown") {
      if (this.#wokenMeanwhile) {
        // It has begun since.
        this.#wokenMeanwhile = false;
        return true;
      }
      const frames = policy.unknown();
      if (frames) this.endWith(frames);
      return false;
    }
    if (page.outcome === "gap") {
      const { frames, cursor } = await policy.gap(this.#cursor, page.oldest);
      this.#cursor = cursor;
      if (frames.length > 0) this.writeFrame(frames.join(""));
      return true;
    }
    if (!this.#writeEvents(page.events)) return false;
    if (page.ended) this.#finish();
    return page.events.length > 0 && !page.ended;
  }

  /** Writes events until the client reads too slowly. True: all are written. */
  #writeEvents(events: readonly (StoredEvent | (EventInput & { offset: number; fence: number }))[]): boolean {
    const { key, policy, withIds, onControl } = this.#options;
    let frames = "";
    for (const event of events) {
      if (this.#blocked || this.#closed) return false;
      this.#cursor = event.offset;
      if (event.kind === "message") {
        const id = withIds ? formatEventId(key.streamId, event.offset, event.fence) : undefined;
        frames += messageFrame(id, event.payload);
        policy.delivered?.(event.offset);
      }
      const isForConnection = event.kind === "control" && onControl !== undefined;
      if (frames.length >= PAGE.bytes || (isForConnection && frames !== "")) {
        this.#write(frames);
        frames = "";
      }
      if (isForConnection) onControl(event);
    }
    if (frames !== "") this.#write(frames);
    return true;
  }

  #write(frames: string): void {
    this.#quiet = false;
    if (!this.#options.response.write(frames)) this.#blocked = true;
  }

  #finish(): void {
    this.endWith(this.#options.policy.end());
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.onClosed();
  }
}
