import type { EventInput, StoredEvent, StreamKey } from "./stream.js";

/** How an append is to be made. */
export interface AppendOptions {
  /** The fence under which the appender owns the session. Without one (an inbox), no ownership is asked for. */
  readonly fence?: number;
  /** Ends the stream after these events. An ended stream takes no further append. */
  readonly end?: boolean;
  /** Answers `full` instead of trimming events that nobody trimmed explicitly (an inbox). */
  readonly refuseWhenFull?: boolean;
}

/**
 * - `ok`: all events are stored; `last` is the offset of the stream's newest event (0: it has none).
 * - `ended`: the stream had ended before; nothing was written.
 * - `fenced`: the session has another fence; nothing was written.
 * - `gone`: no such live session; nothing was written.
 * - `full`: `refuseWhenFull` and no room; nothing was written.
 */
export type AppendResult =
  | { readonly outcome: "ok"; readonly last: number }
  | { readonly outcome: "ended" }
  | { readonly outcome: "fenced" }
  | { readonly outcome: "gone" }
  | { readonly outcome: "full" };

/** How much one read may return. */
export interface ReadLimits {
  /** Most events, >= 1. */
  readonly events: number;
  /** Most payload bytes (UTF-8), >= 1; the first event is returned whatever its size. */
  readonly bytes: number;
}

/**
 * - `page`: the next events, oldest first, without holes. `ended`: the stream has ended and nothing follows this page.
 * - `gap`: the cursor's next event is not kept, or the cursor lies beyond the newest event. `oldest` is the offset
 *   from which on the stream is kept without holes (newest + 1 when nothing is).
 * - `unknown`: no such stream: never appended to, forgotten, or its session is gone.
 */
export type ReadResult =
  | { readonly outcome: "page"; readonly events: readonly StoredEvent[]; readonly ended: boolean }
  | { readonly outcome: "gap"; readonly oldest: number }
  | { readonly outcome: "unknown" };

/**
 * - `ok`: the events, which are no longer kept, oldest first. `more`: the stream still keeps events.
 * - `fenced`: the session has another fence; nothing was removed.
 * - `gone`: no such live session.
 */
export type TakeResult =
  | { readonly outcome: "ok"; readonly events: readonly StoredEvent[]; readonly more: boolean }
  | { readonly outcome: "fenced" }
  | { readonly outcome: "gone" };

/** Where a stream stands. */
export interface StreamHead {
  /** Offset of the newest event ever appended; it never goes back while the session lives. */
  readonly last: number;
  /** Offset from which on the stream is kept without holes; `last + 1` when nothing is. */
  readonly oldest: number;
  readonly ended: boolean;
}

/** The append-only streams of all sessions. Every write is one atomic step: it happened whole, or not at all. */
export interface EventLog {
  /**
   * Appends events, assigns their offsets, trims, ends the stream if asked, and wakes the watchers, in one atomic step.
   * The first append to a stream creates it.
   *
   * Shapes:  events: may be empty when `end` is set
   * Returns: ok | ended | fenced | gone | full; all but ok have written nothing
   * Errors:  STORE_UNAVAILABLE, STORE_FULL (retryable; whether it was written is unknown only if the process dies)
   * Source:  G1, G6
   */
  append(key: StreamKey, events: readonly EventInput[], options?: AppendOptions): Promise<AppendResult>;

  /**
   * Reads the events after `after`, oldest first.
   *
   * Shapes:  after: offset, 0 = before the first
   * Returns: page | gap { oldest } | unknown; never an empty page where events were removed
   * Errors:  STORE_UNAVAILABLE (retryable)
   * Source:  G1, G2; MCP 2025-11-25, Resumability and Redelivery
   */
  read(key: StreamKey, after: number, limits: ReadLimits): Promise<ReadResult>;

  /**
   * The stream's final events that are kept, oldest first, whatever was trimmed around them.
   *
   * Returns: empty for an unknown stream
   * Errors:  STORE_UNAVAILABLE (retryable)
   * Source:  G2
   */
  finals(key: StreamKey): Promise<readonly StoredEvent[]>;

  /**
   * Where the stream stands; undefined if it is unknown.
   *
   * Errors:  STORE_UNAVAILABLE (retryable)
   */
  head(key: StreamKey): Promise<StreamHead | undefined>;

  /**
   * Ids of the session's streams that have not ended, oldest first. What a take-over must conclude.
   *
   * Errors:  STORE_UNAVAILABLE (retryable)
   * Source:  G4
   */
  openStreams(sessionId: string): Promise<readonly string[]>;

  /**
   * Removes the events up to and including `upTo`, final ones too. For a consumer that is done with them (an inbox).
   *
   * Returns: ok (also when nothing was left to remove) | fenced | gone
   * Errors:  STORE_UNAVAILABLE (retryable)
   */
  trim(key: StreamKey, upTo: number, fence: number): Promise<{ readonly outcome: "ok" | "fenced" | "gone" }>;

  /**
   * Reads the oldest events that are kept and removes them, final ones too, in one atomic step: for the one consumer of an inbox.
   *
   * Shapes:  limits: as for `read`; fence: the consumer's
   * Returns: ok { events (oldest first, none if nothing is kept or the stream is unknown), more = something is left }
   *          | fenced | gone; fenced and gone remove nothing
   * Errors:  STORE_UNAVAILABLE (retryable)
   * Source:  G5, G6
   */
  take(key: StreamKey, limits: ReadLimits, fence: number): Promise<TakeResult>;

  /**
   * Calls `wake` after each append to the stream, by anyone, and when its session ends. A hint to read: it carries no
   * data, may come more often than needed, and may join several appends.
   *
   * Returns: resolves once every later append is certain to wake; stops at `signal`
   * Errors:  STORE_UNAVAILABLE (retryable)
   */
  watch(key: StreamKey, wake: () => void, signal: AbortSignal): Promise<void>;
}
