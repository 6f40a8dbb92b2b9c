import { DurableMcpError, type EventInput, type EventLog, type StreamKey } from "@durable-mcp/contract";
import { asDurableMcpError } from "./answers.js";
import { nextTurn } from "./next-turn.js";

/** An append that is waiting for its turn or under way. */
interface Entry {
  readonly event: EventInput;
  readonly end: boolean;
  readonly committed: () => void;
  readonly resolve: () => void;
  readonly reject: (error: DurableMcpError) => void;
}

/** Events that one append has committed, for the connection that may write them without reading them back. */
export interface Committed {
  /** Offset of the first. */
  readonly first: number;
  readonly fence: number;
  readonly events: readonly EventInput[];
  readonly ended: boolean;
}

export interface StreamWriterOptions {
  readonly log: EventLog;
  readonly key: StreamKey;
  readonly fence: number;
  /**
   * Notifications of one turn of the event loop go together, at its end. Not for a stream whose notifications must be
   * stored before the response that another stream brings.
   */
  readonly groupsTurns?: boolean;
  /** Called after each commit, before the senders hear of it. */
  readonly onCommitted: (committed: Committed) => void;
  /** Called when an append failed: the store is down (or full), or the session is owned by another node or gone. */
  readonly onFailed: (error: DurableMcpError) => void;
}

/** How many appends may be under way before a notification's sender has to wait. */
const WINDOW_EVENTS = 256;
const WINDOW_LENGTH = 1024 * 1024;
/**
 * After so many notifications their sender waits for a turn of the event loop. Those that await nothing but their own
 * notifications would let nobody else run, and nothing be delivered, before they are done.
 */
const NOTIFICATIONS_PER_TURN = 128;

/**
 * Appends to one stream, one append at a time; what is sent meanwhile goes together in the next one (group commit).
 *
 * Source:  G1 (sends keep their order), G7 (a bounded window of appends under way)
 */
export class StreamWriter {
  readonly #options: StreamWriterOptions;
  readonly #waiting: Entry[] = [];
  #flushing = false;
  #flushesSoon = false;
  /** Notifications that may be sent before a sender has to wait for a turn. */
  #untilTurn: number;
  #ended = false;
  #stopped: DurableMcpError | undefined;
  #pendingEvents = 0;
  #pendingLength = 0;
  #room: { readonly promise: Promise<void>; readonly open: () => void } | undefined;

  constructor(options: StreamWriterOptions) {
    this.#options = options;
    // Where they go together, the first one goes alone, so that it is delivered before all the others are sent.
    this.#untilTurn = options.groupsTurns ? 1 : NOTIFICATIONS_PER_TURN;
  }

  /**
   * Appends an event; `end` ends the stream with it.
   *
   * Returns: resolves on commit, right after `committed` was called and connections have been told
   * Errors:  what the store says; SESSION_NOT_FOUND; NOT_OWNER
   */
  append(event: EventInput, end = false, committed: () => void = () => {}): Promise<void> {
    const appended = new Promise<void>((resolve, reject) => {
      this.#enter({ event, end, committed, resolve, reject });
    });
    if (!this.#flushing) void this.#flush();
    return appended;
  }

  /**
   * Appends a notification, which nobody waits for.
   *
   * Returns: resolves when the window of appends under way has room: within a turn, unless the sender is faster than
   *          the store
   */
  async post(event: EventInput, dropped: (error: DurableMcpError) => void): Promise<void> {
    this.#enter({ event, end: false, committed: nothing, resolve: nothing, reject: dropped });
    this.#untilTurn -= 1;
    const turns = this.#untilTurn === 0;
    if (this.#options.groupsTurns && !turns) void this.#flushSoon();
    else if (!this.#flushing) void this.#flush();
    if (turns) {
      this.#untilTurn = NOTIFICATIONS_PER_TURN;
      await nextTurn();
    }
    if (!this.#hasRoom()) await this.#roomMade();
  }

  /** Appends an event together with what comes next, or by itself at the end of the turn. Nobody waits for it. */
  accompany(event: EventInput, dropped: (error: DurableMcpError) => void): void {
    this.#enter({ event, end: false, committed: nothing, resolve: nothing, reject: dropped });
    void this.#flushSoon();
  }

  /** From now on nothing is written: what waits and what comes is rejected with the error. */
  stop(error: DurableMcpError): void {
    this.#stopped ??= error;
  }

  #enter(entry: Entry): void {
    this.#pendingEvents += 1;
    this.#pendingLength += entry.event.payload.length;
    this.#waiting.push(entry);
  }

  #roomMade(): Promise<void> {
    if (!this.#room) {
      let open = () => {};
      const promise = new Promise<void>((resolve) => {
        open = resolve;
      });
      this.#room = { promise, open };
    }
    return this.#room.promise;
  }

  #hasRoom(): boolean {
    return this.#pendingEvents <= WINDOW_EVENTS && this.#pendingLength <= WINDOW_LENGTH;
  }

  async #flushSoon(): Promise<void> {
    if (this.#flushing || this.#flushesSoon) return;
    this.#flushesSoon = true;
    await nextTurn();
    this.#flushesSoon = false;
    if (!this.#flushing) await this.#flush();
  }

  async #flush(): Promise<void> {
    this.#flushing = true;
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      const refused = this.#stopped ?? (this.#ended ? lostStream("ended") : undefined);
      const error = refused ?? (await this.#write(batch));
      for (const { event } of batch) this.#pendingLength -= event.payload.length;
      this.#pendingEvents -= batch.length;
      for (const entry of batch) error ? entry.reject(error) : entry.resolve();
      if (error && !refused) this.#options.onFailed(error);
      if (this.#room && this.#hasRoom()) {
        this.#room.open();
        this.#room = undefined;
      }
    }
    this.#flushing = false;
  }

  /** Everything that waits, up to the event that ends the stream. */
  #takeBatch(): readonly Entry[] {
    const end = this.#waiting.findIndex((entry) => entry.end);
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end + 1);
  }

  async #write(batch: readonly Entry[]): Promise<DurableMcpError | undefined> {
    const { log, key, fence } = this.#options;
    const events = batch.map((entry) => entry.event);
    const end = batch.at(-1)?.end ?? false;
    try {
      const result = await log.append(key, events, { fence, end });
      if (result.outcome !== "ok") return lostStream(result.outcome);
      this.#ended = end;
      for (const entry of batch) entry.committed();
      this.#options.onCommitted({ first: result.last - events.length + 1, fence, events, ended: end });
      return undefined;
    } catch (error) {
      return asDurableMcpError(error);
    }
  }
}

function lostStream(outcome: "ended" | "fenced" | "gone" | "full"): DurableMcpError {
  const [code, reason] = (
    {
      ended: ["STREAM_FINISHED", "the stream has ended"],
      fenced: ["NOT_OWNER", "another node owns the session"],
      gone: ["SESSION_NOT_FOUND", "the session is gone"],
      full: ["STORE_FULL", "the stream is full"],
    } as const
  )[outcome];
  return new DurableMcpError(code, `The message was not sent: ${reason}.`);
}

function nothing(): void {}
