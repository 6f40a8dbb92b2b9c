import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type {
  AppendOptions,
  AppendResult,
  EventInput,
  EventLog,
  ReadLimits,
  ReadResult,
  StoredEvent,
  StreamKey,
  TakeResult,
} from "@durable-mcp/contract";
import { messageIn, referenceOf, referring, type SdkPosition } from "./event-reference.js";
import type { SdkEventStore } from "./sdk-event-store.js";
import { SerialSteps } from "./serial-steps.js";

/**
 * A log whose messages are in an event store made for the SDK. Order, offsets, ends, fences and retention are those of
 * `index`, which keeps a reference in the place of each text; so a store that replays events in another order, twice,
 * or mixed with those of other streams does no harm, and one that has lost some is found out.
 *
 * Source:  G1, G3
 */
export class SdkEventLog implements EventLog {
  readonly #events: SdkEventStore;
  readonly #index: EventLog;
  readonly #steps = new SerialSteps();

  constructor(events: SdkEventStore, index: EventLog) {
    this.#events = events;
    this.#index = index;
  }

  append(key: StreamKey, events: readonly EventInput[], options?: AppendOptions): Promise<AppendResult> {
    return this.#steps.run(nameOf(key), async () => {
      let last = await this.#lastPosition(key);
      const referred: EventInput[] = [];
      for (const event of events) {
        const message = messageIn(event);
        if (message) last = await this.#store(key, message, last);
        referred.push(referring(event, message && last ? last : { text: event.payload }));
      }
      return this.#index.append(key, referred, options);
    });
  }

  async read(key: StreamKey, after: number, limits: ReadLimits): Promise<ReadResult> {
    const page = await this.#index.read(key, after, { ...limits, bytes: Number.MAX_SAFE_INTEGER });
    if (page.outcome !== "page") return page;
    const found = await this.#withTexts(page.events);
    const lost = page.events.findLastIndex(({ offset }) => !found.has(offset));
    const first = page.events[0];
    if (first && !found.has(first.offset)) return { outcome: "gap", oldest: first.offset + lost + 1 };
    const events: StoredEvent[] = [];
    let bytes = 0;
    for (const { offset } of page.events) {
      const event = found.get(offset);
      bytes += Buffer.byteLength(event?.payload ?? "");
      if (!event || (events.length > 0 && bytes > limits.bytes)) break;
      events.push(event);
    }
    return { outcome: "page", events, ended: page.ended && events.length === page.events.length };
  }

  async finals(key: StreamKey): Promise<readonly StoredEvent[]> {
    return [...(await this.#withTexts(await this.#index.finals(key))).values()];
  }

  head(key: StreamKey) {
    return this.#index.head(key);
  }

  openStreams(sessionId: string) {
    return this.#index.openStreams(sessionId);
  }

  trim(key: StreamKey, upTo: number, fence: number) {
    return this.#index.trim(key, upTo, fence);
  }

  /** How many fit is known from their texts: those are read first, while nobody else appends or takes. */
  take(key: StreamKey, limits: ReadLimits, fence: number): Promise<TakeResult> {
    return this.#steps.run(nameOf(key), async () => {
      const kept = await this.#kept(key);
      const found = [...(await this.#withTexts(kept)).values()];
      let bytes = 0;
      const end = found.findIndex(({ payload }, index) => {
        bytes += Buffer.byteLength(payload);
        return index === limits.events || (index > 0 && bytes > limits.bytes);
      });
      const events = end < 0 ? found : found.slice(0, end);
      // What the SDK's store has lost goes along.
      const last = end < 0 ? kept.at(-1) : events.at(-1);
      const { outcome } = await this.#index.trim(key, last?.offset ?? 0, fence);
      return outcome === "ok" ? { outcome, events, more: end >= 0 } : { outcome };
    });
  }

  watch(key: StreamKey, wake: () => void, signal: AbortSignal) {
    return this.#index.watch(key, wake, signal);
  }

  /** Where the stream's newest event is, as far as it is still known. */
  async #lastPosition(key: StreamKey): Promise<SdkPosition | undefined> {
    const head = await this.#index.head(key);
    if (!head || head.last < head.oldest) return undefined;
    const page = await this.#index.read(key, head.last - 1, { events: 1, bytes: 1 });
    const [event] = page.outcome === "page" ? page.events : [];
    const reference = event && referenceOf(event);
    return reference && "id" in reference ? reference : undefined;
  }

  /** References to all events that are kept, final ones before a hole among them. */
  async #kept(key: StreamKey): Promise<readonly StoredEvent[]> {
    const head = await this.#index.head(key);
    if (!head) return [];
    const finals = await this.#index.finals(key);
    const limits = { events: Number.MAX_SAFE_INTEGER, bytes: Number.MAX_SAFE_INTEGER };
    const page = await this.#index.read(key, head.oldest - 1, limits);
    if (page.outcome === "unknown") return [];
    // Something has just become too old.
    if (page.outcome === "gap") return this.#kept(key);
    return [...finals.filter(({ offset }) => offset < head.oldest), ...page.events];
  }

  async #store(key: StreamKey, message: object, last: SdkPosition | undefined): Promise<SdkPosition> {
    const streamId = sdkStreamId(key);
    const origin = last?.origin ?? (await this.#storeOrigin(streamId));
    return { id: await this.#events.storeEvent(streamId, message), after: last?.id ?? origin, origin };
  }

  /** A stream begins as under the SDK's transport: with an event that is no message, to replay from. */
  async #storeOrigin(streamId: string): Promise<string> {
    // Ids that sort by time, as those of the SDK's example, tell only milliseconds apart: what follows must sort after it.
    // A clock that is set back meanwhile needs another try; one that stands still is not waited for.
    for (let tries = 1; ; tries += 1) {
      const storedAtMs = Date.now();
      const origin = await this.#events.storeEvent(streamId, {});
      await pause(1);
      if (Date.now() > storedAtMs || tries === 3) return origin;
    }
  }

  /** The events by offset, with their texts, but for those that the SDK's store has lost. */
  async #withTexts(events: readonly StoredEvent[]): Promise<Map<number, StoredEvent>> {
    const references = events.map(referenceOf);
    const positions = references.filter((reference) => "id" in reference);
    const texts = new Map<string, string>();
    const [first] = positions;
    if (first) {
      const wanted = new Set(positions.map(({ id }) => id));
      await this.#replay(first.after, wanted, texts);
      // A store that sorts events of one millisecond at random has put some before where the replay began.
      if (texts.size < wanted.size && first.after !== first.origin)
        await this.#replay(first.origin, wanted, texts);
      if (texts.size === 0) await this.#replayRest(positions, wanted, texts);
    }
    const found = new Map<number, StoredEvent>();
    for (const [index, event] of events.entries()) {
      const reference = references[index];
      const text = reference && ("id" in reference ? texts.get(reference.id) : reference.text);
      if (text !== undefined) found.set(event.offset, { ...event, payload: text });
    }
    return found;
  }

  /** A store that forgets its oldest events knows only the newer positions: what follows the oldest of those. */
  async #replayRest(
    positions: readonly SdkPosition[],
    wanted: ReadonlySet<string>,
    texts: Map<string, string>,
  ): Promise<void> {
    let [low, high] = [0, positions.length - 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const before = texts.size;
      await this.#replay(positions[middle]?.id ?? "", wanted, texts);
      if (texts.size > before) high = middle;
      else low = middle + 1;
    }
  }

  async #replay(after: string, wanted: ReadonlySet<string>, texts: Map<string, string>): Promise<void> {
    await this.#events.replayEventsAfter(after, {
      send: async (id, message) => {
        if (wanted.has(id)) texts.set(id, JSON.stringify(message));
      },
    });
  }
}

function nameOf({ sessionId, streamId }: StreamKey): string {
  return JSON.stringify([sessionId, streamId]);
}

/** A name that tells streams of all sessions apart. Hexadecimal, since SDK stores cut their ids at separators. */
function sdkStreamId(key: StreamKey): string {
  return createHash("sha256").update(nameOf(key)).digest("hex").slice(0, 32);
}
