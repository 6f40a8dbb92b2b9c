import type {
  AppendOptions,
  AppendResult,
  EventInput,
  EventLog,
  ReadLimits,
  ReadResult,
  StoredEvent,
  StreamHead,
  StreamKey,
  TakeResult,
} from "@durable-mcp/contract";
import type { MemoryBackend } from "./memory-backend.js";
import { MemoryStream, sized } from "./memory-stream.js";
import type { Subscriptions } from "./subscriptions.js";

/** The streams of a backend. No method awaits anything midway, which is what makes each one atomic. */
export class MemoryEventLog implements EventLog {
  readonly #backend: MemoryBackend;
  readonly #subscriptions: Subscriptions;

  constructor(backend: MemoryBackend, subscriptions: Subscriptions) {
    this.#backend = backend;
    this.#subscriptions = subscriptions;
  }

  async append(
    key: StreamKey,
    events: readonly EventInput[],
    { fence, end = false, refuseWhenFull = false }: AppendOptions = {},
  ): Promise<AppendResult> {
    const session = this.#backend.session(key.sessionId);
    if (!session) return { outcome: "gone" };
    if (fence !== undefined && fence !== session.record.fence) return { outcome: "fenced" };
    const known = this.#backend.stream(session, key.streamId);
    if (known?.endedAtMs !== undefined) return { outcome: "ended" };
    const inputs = sized(events);
    const stream = known ?? new MemoryStream(session, key.streamId);
    if (refuseWhenFull && stream.isFullFor(inputs, this.#backend.retention)) return { outcome: "full" };
    if (!known) session.add(stream);
    stream.append(inputs, fence ?? 0, this.#backend.now());
    this.#backend.settle(stream, end);
    this.#backend.watchers.wake(key);
    return { outcome: "ok", last: stream.last };
  }

  async read(key: StreamKey, after: number, limits: ReadLimits): Promise<ReadResult> {
    return this.#backend.find(key)?.read(after, limits) ?? { outcome: "unknown" };
  }

  async finals(key: StreamKey): Promise<readonly StoredEvent[]> {
    return this.#backend.find(key)?.finals() ?? [];
  }

  async head(key: StreamKey): Promise<StreamHead | undefined> {
    const stream = this.#backend.find(key);
    return stream && { last: stream.last, oldest: stream.oldest, ended: stream.endedAtMs !== undefined };
  }

  async openStreams(sessionId: string): Promise<readonly string[]> {
    return this.#backend.session(sessionId)?.openStreams() ?? [];
  }

  async trim(key: StreamKey, upTo: number, fence: number): Promise<{ outcome: "ok" | "fenced" | "gone" }> {
    const session = this.#backend.session(key.sessionId);
    if (!session) return { outcome: "gone" };
    if (session.record.fence !== fence) return { outcome: "fenced" };
    this.#backend.stream(session, key.streamId)?.trimUpTo(upTo);
    return { outcome: "ok" };
  }

  async take(key: StreamKey, limits: ReadLimits, fence: number): Promise<TakeResult> {
    const session = this.#backend.session(key.sessionId);
    if (!session) return { outcome: "gone" };
    if (session.record.fence !== fence) return { outcome: "fenced" };
    const stream = this.#backend.stream(session, key.streamId);
    return { outcome: "ok", events: stream?.take(limits) ?? [], more: (stream?.size ?? 0) > 0 };
  }

  async watch(key: StreamKey, wake: () => void, signal: AbortSignal): Promise<void> {
    const stop = this.#backend.watchers.add(key, wake, () => forget());
    const forget = this.#subscriptions.add(signal, stop);
  }
}
