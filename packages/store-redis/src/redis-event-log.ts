import { Buffer } from "node:buffer";
import type {
  AppendOptions,
  AppendResult,
  EventInput,
  EventLog,
  ReadLimits,
  ReadResult,
  Retention,
  StoredEvent,
  StreamHead,
  StreamKey,
  TakeResult,
} from "@durable-mcp/contract";
import type { Keys } from "./keys.js";
import { APPEND, FINALS, HEAD, OPEN_STREAMS, READ, TAKE, TRIM } from "./lua-stream.js";
import type { RedisConnection } from "./redis-connection.js";
import { type Script, script } from "./script.js";
import { fromStored, toStored } from "./stored-text.js";
import type { WakeUps } from "./wake-ups.js";

const SCRIPTS = {
  append: script(APPEND),
  read: script(READ),
  finals: script(FINALS),
  head: script(HEAD),
  trim: script(TRIM),
  take: script(TAKE),
  openStreams: script(OPEN_STREAMS),
};

/** The streams. Each method is one script, and one round trip. */
export class RedisEventLog implements EventLog {
  readonly #connection: RedisConnection;
  readonly #keys: Keys;
  readonly #retention: Retention;
  readonly #wakeUps: WakeUps;

  constructor(connection: RedisConnection, keys: Keys, retention: Retention, wakeUps: WakeUps) {
    this.#connection = connection;
    this.#keys = keys;
    this.#retention = retention;
    this.#wakeUps = wakeUps;
  }

  async append(
    key: StreamKey,
    events: readonly EventInput[],
    { fence, end = false, refuseWhenFull = false }: AppendOptions = {},
  ): Promise<AppendResult> {
    const { maxEvents, maxBytes, maxEndedStreams } = this.#retention;
    const [outcome, last] = await this.#run(SCRIPTS.append, key, [
      fence ?? "",
      end ? 1 : 0,
      refuseWhenFull ? 1 : 0,
      maxEvents,
      maxBytes,
      maxEndedStreams,
      this.#wakeUps.channel,
      events.length,
      ...events.flatMap(({ kind, payload, final }) => [
        Buffer.byteLength(payload),
        `${kind === "message" ? "m" : "c"}${final ? "f" : "-"}`,
        toStored(payload),
      ]),
    ]);
    if (outcome !== "ok") return { outcome: outcome as "ended" | "fenced" | "gone" | "full" };
    this.#wakeUps.wake(key);
    return { outcome: "ok", last: Number(last) };
  }

  async read(key: StreamKey, after: number, limits: ReadLimits): Promise<ReadResult> {
    const [outcome, value, ...packed] = await this.#run(SCRIPTS.read, key, [
      after,
      limits.events,
      limits.bytes,
    ]);
    if (outcome === "unknown") return { outcome };
    if (outcome === "gap") return { outcome, oldest: Number(value) };
    const events: StoredEvent[] = [];
    for (let at = 0; at < packed.length; at += 2) {
      events.push(eventOf(after + at / 2 + 1, packed[at], packed[at + 1]));
    }
    return { outcome: "page", events, ended: value === 1 };
  }

  async finals(key: StreamKey): Promise<readonly StoredEvent[]> {
    return eventsOf(await this.#run(SCRIPTS.finals, key, []));
  }

  async head(key: StreamKey): Promise<StreamHead | undefined> {
    const [last, oldest, ended] = await this.#run(SCRIPTS.head, key, []);
    return last === undefined
      ? undefined
      : { last: Number(last), oldest: Number(oldest), ended: ended === 1 };
  }

  async openStreams(sessionId: string): Promise<readonly string[]> {
    const streams = await this.#connection.run(SCRIPTS.openStreams, this.#keys.session(sessionId), []);
    return (streams as string[]).map(fromStored);
  }

  async trim(key: StreamKey, upTo: number, fence: number): Promise<{ outcome: "ok" | "fenced" | "gone" }> {
    const [outcome] = await this.#run(SCRIPTS.trim, key, [fence, upTo]);
    return { outcome: outcome as "ok" | "fenced" | "gone" };
  }

  async take(key: StreamKey, limits: ReadLimits, fence: number): Promise<TakeResult> {
    const args = [fence, limits.events, limits.bytes];
    const [outcome, more, ...packed] = await this.#run(SCRIPTS.take, key, args);
    if (outcome !== "ok") return { outcome: outcome as "fenced" | "gone" };
    return { outcome, events: eventsOf(packed), more: more === 1 };
  }

  watch(key: StreamKey, wake: () => void, signal: AbortSignal): Promise<void> {
    return this.#wakeUps.add(key, wake, signal);
  }

  async #run(
    script: Script,
    { sessionId, streamId }: StreamKey,
    args: readonly (string | number)[],
  ): Promise<readonly (string | number | undefined)[]> {
    const key = this.#keys.session(sessionId);
    const reply = await this.#connection.run(script, key, [
      toStored(streamId),
      this.#retention.maxAgeMs,
      ...args,
    ]);
    return reply as readonly (string | number | undefined)[];
  }
}

/** Shapes:  packed: offset, header and payload of each */
function eventsOf(packed: readonly unknown[]): StoredEvent[] {
  const events: StoredEvent[] = [];
  for (let at = 0; at < packed.length; at += 3) {
    events.push(eventOf(Number(packed[at]), packed[at + 1], packed[at + 2]));
  }
  return events;
}

/** Shapes:  header: fence, then `m` or `c`, then `f` if it is final */
function eventOf(offset: number, header: unknown, payload: unknown): StoredEvent {
  const [fence, what = ""] = String(header).split(" ");
  return {
    offset,
    fence: Number(fence),
    kind: what.startsWith("m") ? "message" : "control",
    payload: fromStored(String(payload)),
    final: what.endsWith("f"),
  };
}
