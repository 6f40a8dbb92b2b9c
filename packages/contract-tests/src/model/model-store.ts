import type {
  CreateOptions,
  EventInput,
  EventLog,
  NewSession,
  Retention,
  SessionRecord,
  SessionStore,
  StreamKey,
} from "@durable-mcp/contract";
import { append, finals, head, keepOnly, type ModelStream, newStream, read, take } from "./model-log.js";

interface ModelSession {
  record: SessionRecord;
  /** Oldest first. */
  streams: ModelStream[];
  /** Those that ended, in the order of their ends. */
  ended: ModelStream[];
}

/** The part of a store that the model follows. */
export interface ModelledStore {
  readonly log: Omit<EventLog, "watch">;
  readonly sessions: SessionStore;
}

/**
 * What a store must do, said with plain lists and no regard for cost. Time stands still but for `advance`, and what
 * is too old goes at the next sweep.
 */
export class ModelStore implements ModelledStore {
  nowMs = 0;
  #sessions: ModelSession[] = [];

  constructor(readonly retention: Retention) {}

  /** The session's present fence; 1 where there is none. */
  fenceOf(id: string): number {
    return this.#live(id)?.record.fence ?? 1;
  }

  versionOf(id: string): number {
    return this.#live(id)?.record.version ?? 1;
  }

  streamAt(key: StreamKey): ModelStream | undefined {
    return this.#live(key.sessionId)?.streams.find(({ id }) => id === key.streamId);
  }

  readonly log: ModelledStore["log"] = {
    append: async (key, events: readonly EventInput[], options = {}) => {
      const session = this.#live(key.sessionId);
      if (!session) return { outcome: "gone" };
      if (options.fence !== undefined && options.fence !== session.record.fence) return { outcome: "fenced" };
      const known = this.streamAt(key);
      const stream = known ?? newStream(key.streamId);
      const result = append(stream, events, options, this.retention, this.nowMs);
      if (result.outcome !== "ok") return result;
      if (!known) session.streams.push(stream);
      if (options.end) session.ended.push(stream);
      while (session.ended.length > this.retention.maxEndedStreams) forget(session, session.ended[0]);
      return result;
    },
    read: async (key, after, limits) => {
      const stream = this.streamAt(key);
      return stream ? read(stream, after, limits) : { outcome: "unknown" };
    },
    finals: async (key) => {
      const stream = this.streamAt(key);
      return stream ? finals(stream) : [];
    },
    head: async (key) => {
      const stream = this.streamAt(key);
      return stream && head(stream);
    },
    openStreams: async (id) => {
      const session = this.#live(id);
      return session ? session.streams.filter((s) => !session.ended.includes(s)).map((s) => s.id) : [];
    },
    trim: async (key, upTo, fence) => {
      const session = this.#live(key.sessionId);
      if (!session) return { outcome: "gone" };
      if (session.record.fence !== fence) return { outcome: "fenced" };
      const stream = this.streamAt(key);
      if (stream) keepOnly(stream, stream.kept, ({ offset }) => offset > upTo);
      return { outcome: "ok" };
    },
    take: async (key, limits, fence) => {
      const session = this.#live(key.sessionId);
      if (!session) return { outcome: "gone" };
      if (session.record.fence !== fence) return { outcome: "fenced" };
      const stream = this.streamAt(key);
      const events = stream ? take(stream, limits) : [];
      return { outcome: "ok", events, more: stream !== undefined && stream.kept.length > 0 };
    },
  };

  readonly sessions: SessionStore = {
    create: async (session: NewSession, { ttlMs }: CreateOptions) => {
      if (this.#live(session.id)) return { outcome: "exists" };
      this.#remove(session.id);
      const times = { createdAtMs: this.nowMs, expiresAtMs: this.nowMs + ttlMs };
      const record = { ...session, fence: 1, version: 1, ...times };
      this.#sessions.push({ record, streams: [], ended: [] });
      return { outcome: "ok", record };
    },
    get: async (id) => this.#live(id)?.record,
    update: async (id, expected, change) => {
      const session = this.#live(id);
      if (!session) return { outcome: "gone" };
      const { record } = session;
      if (expected.fence !== record.fence) return { outcome: "fenced" };
      if ((expected.version ?? record.version) !== record.version) return { outcome: "conflict", record };
      session.record = { ...record, ...change, version: record.version + 1 };
      return { outcome: "ok", record: session.record };
    },
    touch: async (id, ttlMs) => {
      const session = this.#live(id);
      if (!session) return { outcome: "gone" };
      const expiresAtMs = Math.max(session.record.expiresAtMs, this.nowMs + ttlMs);
      session.record = { ...session.record, expiresAtMs };
      return { outcome: "ok" };
    },
    claim: async (id, expectedFence, nodeId) => {
      const session = this.#live(id);
      if (!session) return { outcome: "gone" };
      const { record } = session;
      if (expectedFence !== record.fence) return { outcome: "lost", record };
      session.record = { ...record, nodeId, fence: record.fence + 1 };
      return { outcome: "ok", record: session.record };
    },
    release: async (id, fence) => {
      const session = this.#live(id);
      if (!session) return { outcome: "gone" };
      if (fence !== session.record.fence) return { outcome: "fenced" };
      session.record = { ...session.record, nodeId: "" };
      return { outcome: "ok" };
    },
    terminate: async (id) => {
      const session = this.#live(id);
      this.#remove(id);
      return { outcome: session ? "ok" : "gone" };
    },
    list: async (principal) => {
      const live = this.#sessions.filter(({ record }) => this.#live(record.id));
      const sessions = live.map(({ record }) => record).filter((record) => record.principal === principal);
      return { sessions: sessions.reverse() };
    },
    sweep: async () => {
      const removeUntilMs = this.nowMs - this.retention.maxAgeMs;
      for (const session of this.#sessions) {
        for (const stream of [...session.streams]) {
          keepOnly(stream, stream.kept, ({ atMs }) => atMs > removeUntilMs);
          const { endedAtMs } = stream;
          if (endedAtMs !== undefined && endedAtMs <= removeUntilMs) forget(session, stream);
        }
      }
      return { more: false };
    },
  };

  #live(id: string): ModelSession | undefined {
    return this.#sessions.find(({ record }) => record.id === id && record.expiresAtMs > this.nowMs);
  }

  #remove(id: string): void {
    this.#sessions = this.#sessions.filter(({ record }) => record.id !== id);
  }
}

function forget(session: ModelSession, stream: ModelStream | undefined): void {
  session.streams = session.streams.filter((kept) => kept !== stream);
  session.ended = session.ended.filter((kept) => kept !== stream);
}
