import type { Change, Retention, SessionRecord, StreamKey } from "@durable-mcp/contract";
import { DueQueue } from "./due-queue.js";
import { MemorySession } from "./memory-session.js";
import type { MemoryStream } from "./memory-stream.js";
import { SessionIndex } from "./session-index.js";
import { StreamWatchers } from "./stream-watchers.js";

/** How much a backend holds at the moment. */
export interface MemoryUsage {
  readonly sessions: number;
  readonly streams: number;
  readonly events: number;
  readonly watchers: number;
}

/**
 * The data behind memory stores. Every access passes through `session` and `stream`, which remove what has run out
 * before anyone sees it: so there is no timer, and expiry is exact whether or not anyone sweeps.
 */
export class MemoryBackend {
  readonly watchers = new StreamWatchers();
  /** Node id -> Unix time in ms at which its heartbeat runs out. */
  readonly heartbeats = new Map<string, number>();
  readonly changeListeners = new Set<(change: Change) => void>();

  readonly #sessions = new Map<string, MemorySession>();
  readonly #principals = new Map<string, SessionIndex>();
  /** A touched session stays at its old place until that is due: touching is the hottest path of all. */
  readonly #expiries = new DueQueue<MemorySession>();
  readonly #ages = new DueQueue<MemoryStream>();
  #lastNumber = 0;

  constructor(
    readonly retention: Retention,
    readonly now: () => number,
  ) {}

  /** What is held now, what has run out but was not yet removed included. Counts everything: for tests and metrics. */
  usage(): MemoryUsage {
    let streams = 0;
    let events = 0;
    for (const session of this.#sessions.values()) {
      for (const stream of session.streams()) {
        streams += 1;
        events += stream.size;
      }
    }
    return { sessions: this.#sessions.size, streams, events, watchers: this.watchers.size };
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** The principal's sessions; undefined if it has none. */
  sessionsOf(principal: string): SessionIndex | undefined {
    return this.#principals.get(principal);
  }

  /** The live session of that id. */
  session(id: string): MemorySession | undefined {
    const session = this.#sessions.get(id);
    return session && this.isLive(session) ? session : undefined;
  }

  /** Whether the session has not expired; one that has is removed. */
  isLive(session: MemorySession): boolean {
    if (session.record.expiresAtMs > this.now()) return true;
    this.endSession(session);
    return false;
  }

  addSession(record: SessionRecord): void {
    this.#lastNumber += 1;
    const session = new MemorySession(this.#lastNumber, record);
    this.#sessions.set(record.id, session);
    this.#expiries.set(session, record.expiresAtMs);
    let index = this.#principals.get(record.principal);
    if (!index) {
      index = new SessionIndex();
      this.#principals.set(record.principal, index);
    }
    index.add(session);
  }

  endSession(session: MemorySession): void {
    const { id, principal } = session.record;
    this.#sessions.delete(id);
    this.#expiries.delete(session);
    for (const stream of session.streams()) this.#ages.delete(stream);
    const index = this.#principals.get(principal);
    index?.delete(session);
    if (index?.size === 0) this.#principals.delete(principal);
    this.watchers.wakeAndRemove(id);
  }

  /** Removes at most `limit` expired sessions. Returns: whether there are more */
  endExpired(limit: number): boolean {
    const now = this.now();
    for (let worked = 0; worked < limit; worked += 1) {
      const session = this.#expiries.due(now);
      if (!session) return false;
      if (session.record.expiresAtMs > now) this.#expiries.set(session, session.record.expiresAtMs);
      else this.endSession(session);
    }
    return this.#expiries.due(now) !== undefined;
  }

  /** The session's stream without the events past their age; undefined if it is unknown. */
  stream(session: MemorySession, id: string): MemoryStream | undefined {
    const stream = session.stream(id);
    return stream && this.#age(stream) ? stream : undefined;
  }

  /** The live session's stream; undefined if either is unknown. */
  find({ sessionId, streamId }: StreamKey): MemoryStream | undefined {
    const session = this.session(sessionId);
    return session && this.stream(session, streamId);
  }

  /** After an append: applies the bounds, ends the stream if asked, and sees to its ageing. */
  settle(stream: MemoryStream, end: boolean): void {
    const { session } = stream;
    stream.trimToBounds(this.retention);
    if (end) session.end(stream, this.now());
    this.#queue(stream);
    for (;;) {
      const first = session.firstEndedBeyond(this.retention.maxEndedStreams);
      if (!first) return;
      this.#forget(first);
    }
  }

  /** Removes what has aged from at most `limit` streams. Returns: whether there are more */
  ageStreams(limit: number): boolean {
    const now = this.now();
    for (let worked = 0; worked < limit; worked += 1) {
      const stream = this.#ages.due(now);
      if (!stream) return false;
      this.#ages.delete(stream);
      if (this.#age(stream)) this.#queue(stream);
    }
    return this.#ages.due(now) !== undefined;
  }

  /** Returns: whether the stream is still known */
  #age(stream: MemoryStream): boolean {
    const removeUntilMs = this.now() - this.retention.maxAgeMs;
    stream.trimOlderThan(removeUntilMs);
    const isKept = stream.size > 0 || stream.endedAtMs === undefined || stream.endedAtMs > removeUntilMs;
    if (!isKept) this.#forget(stream);
    return isKept;
  }

  #queue(stream: MemoryStream): void {
    const fromMs = stream.agesFromMs();
    if (fromMs !== undefined && !this.#ages.has(stream)) {
      this.#ages.set(stream, fromMs + this.retention.maxAgeMs);
    }
  }

  #forget(stream: MemoryStream): void {
    this.#ages.delete(stream);
    stream.session.forget(stream);
  }
}
