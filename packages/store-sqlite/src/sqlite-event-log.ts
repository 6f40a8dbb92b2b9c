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
import { type EventValues, toValues } from "./event-table.js";
import type { StreamRow, StreamState } from "./stream-table.js";
import type { StreamWatchers } from "./stream-watchers.js";
import type { Tables } from "./tables.js";

const NEW_STREAM: StreamState = {
  last: 0,
  oldest: 1,
  trimmable: 1,
  events: 0,
  bytes: 0,
  endedAtMs: null,
  endNumber: null,
  agesFromMs: null,
};

/** The streams of a file. Writes go through the queue; reads see what is committed. */
export class SqliteEventLog implements EventLog {
  readonly #tables: Tables;
  readonly #watchers: StreamWatchers;
  readonly #now: () => number;

  constructor(tables: Tables, watchers: StreamWatchers, now: () => number) {
    this.#tables = tables;
    this.#watchers = watchers;
    this.#now = now;
  }

  append(key: StreamKey, events: readonly EventInput[], options: AppendOptions = {}): Promise<AppendResult> {
    const values = toValues(events);
    return this.#tables.queue.write(() => this.#append(key, values, options), {
      afterCommit: ({ outcome }) => {
        if (outcome === "ok") this.#watchers.wake(key);
      },
    });
  }

  #append(
    key: StreamKey,
    added: readonly EventValues[],
    { fence, end = false, refuseWhenFull = false }: AppendOptions,
  ): AppendResult {
    const { streams, events, retention } = this.#tables;
    const nowMs = this.#now();
    const place = streams.find(key, nowMs);
    if (!place) return { outcome: "gone" };
    if (fence !== undefined && fence !== place.fence) return { outcome: "fenced" };
    const known = place.stream && retention.age(place.stream, nowMs);
    if (known && known.endedAtMs !== null) return { outcome: "ended" };
    if (refuseWhenFull && retention.isFullFor(known, added)) return { outcome: "full" };

    const before = known ?? NEW_STREAM;
    const endNumber = end ? streams.lastEnd(place.session) + 1 : null;
    const grown: StreamState = {
      ...before,
      last: before.last + added.length,
      events: before.events + added.length,
      bytes: added.reduce((sum, event) => sum + event.bytes, before.bytes),
      endedAtMs: end ? nowMs : null,
      endNumber,
      agesFromMs: before.events === 0 ? nowMs : before.agesFromMs,
    };
    const id = known ? known.id : streams.insert(place.session, key.streamId, grown);
    events.insert(id, before.last + 1, nowMs, fence ?? 0, added);
    const state = retention.trimToBounds(id, grown);
    if (known) streams.update(known, state);
    else if (state !== grown) streams.update({ ...grown, id, session: place.session }, state);
    if (endNumber !== null) retention.afterEnd(place.session, endNumber);
    return { outcome: "ok", last: state.last };
  }

  async read(key: StreamKey, after: number, limits: ReadLimits): Promise<ReadResult> {
    const page = this.#see(key, (stream, agedUpTo): ReadResult => {
      const isKept = after < stream.last && after >= agedUpTo;
      const events = isKept ? this.#tables.events.page(stream.id, after, limits) : [];
      if (events.length === 0 && after !== stream.last) {
        return { outcome: "gap", oldest: Math.max(stream.oldest, agedUpTo + 1) };
      }
      const isEnd = after + events.length === stream.last;
      return { outcome: "page", events, ended: stream.endedAtMs !== null && isEnd };
    });
    return page ?? { outcome: "unknown" };
  }

  async finals(key: StreamKey): Promise<readonly StoredEvent[]> {
    const finals = this.#see(key, ({ id }, agedUpTo) =>
      this.#tables.events.finals(id).filter(({ offset }) => offset > agedUpTo),
    );
    return finals ?? [];
  }

  async head(key: StreamKey): Promise<StreamHead | undefined> {
    return this.#see(key, ({ last, oldest, endedAtMs }, agedUpTo) => ({
      last,
      oldest: Math.max(oldest, agedUpTo + 1),
      ended: endedAtMs !== null,
    }));
  }

  /** Looks at a stream as far as it may be seen, whether or not the rest was removed yet; undefined if it is unknown. */
  #see<T>(key: StreamKey, look: (stream: StreamRow, agedUpTo: number) => T): T | undefined {
    return this.#tables.health.read(() => {
      const nowMs = this.#now();
      const stream = this.#tables.streams.find(key, nowMs)?.stream;
      if (!stream || this.#tables.retention.isForgotten(stream, nowMs)) return undefined;
      return look(stream, this.#tables.retention.agedUpTo(stream, nowMs));
    });
  }

  async openStreams(sessionId: string): Promise<readonly string[]> {
    return this.#tables.health.read(() => {
      const session = this.#tables.sessions.get(sessionId, this.#now());
      return session ? this.#tables.streams.open(session.pk) : [];
    });
  }

  trim(key: StreamKey, upTo: number, fence: number): Promise<{ outcome: "ok" | "fenced" | "gone" }> {
    const { queue, streams, retention } = this.#tables;
    return queue.write(
      () => {
        const place = streams.find(key, this.#now());
        if (!place) return { outcome: "gone" };
        if (place.fence !== fence) return { outcome: "fenced" };
        if (place.stream) retention.trimUpTo(place.stream, upTo);
        return { outcome: "ok" };
      },
      { mayUseReserve: true },
    );
  }

  take(key: StreamKey, limits: ReadLimits, fence: number): Promise<TakeResult> {
    return this.#tables.queue.write(() => this.#take(key, limits, fence), { mayUseReserve: true });
  }

  #take(key: StreamKey, limits: ReadLimits, fence: number): TakeResult {
    const { streams, events, retention } = this.#tables;
    const nowMs = this.#now();
    const place = streams.find(key, nowMs);
    if (!place) return { outcome: "gone" };
    if (place.fence !== fence) return { outcome: "fenced" };
    const stream = place.stream && retention.age(place.stream, nowMs);
    const taken = stream ? events.oldest(stream.id, limits) : [];
    const last = taken.at(-1);
    if (!stream || !last) return { outcome: "ok", events: [], more: false };
    retention.trimUpTo(stream, last.offset);
    return { outcome: "ok", events: taken, more: stream.events > taken.length };
  }

  async watch(key: StreamKey, wake: () => void, signal: AbortSignal): Promise<void> {
    this.#watchers.add(key, wake, signal);
  }
}
