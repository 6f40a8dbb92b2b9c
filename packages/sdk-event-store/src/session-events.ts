import {
  DurableMcpError,
  type EventLog,
  type ReadLimits,
  type Store,
  type StreamKey,
} from "@durable-mcp/contract";
import { endFinishedCalls } from "./call-streams.js";
import type { KeptSession } from "./kept-session.js";
import {
  formatSessionEventId,
  markedText,
  parseSessionEventId,
  type SessionCursor,
  unmarked,
} from "./session-event-id.js";

type Send = (eventId: string, message: unknown) => Promise<void>;

const PAGE: ReadLimits = { events: 256, bytes: 1024 * 1024 };

/** So often a session may be gone when it was there a moment ago. */
const MAX_TRIES = 3;

/** The events of one session. Nothing here waits for its turn: the callers take care of that, stream by stream. */
export class SessionEvents {
  readonly #log: EventLog;
  readonly #session: KeptSession;

  constructor({ log }: Store, session: KeptSession) {
    this.#log = log;
    this.#session = session;
  }

  /** Stores a message as the stream's newest event. Returns: its id */
  async append(streamId: string, message: unknown): Promise<string> {
    const key = this.#key(streamId);
    const { mark, payload } = markedText(JSON.stringify(message));
    const event = { kind: "message", payload, final: isResponse(message) } as const;
    for (let tries = 1; ; tries += 1) {
      const epoch = await this.#session.open();
      const appended = await this.#log.append(key, [event]);
      if (appended.outcome === "ok") {
        const { last: offset } = appended;
        // The event is stored, whatever comes of this; the next stream makes up for it.
        if (offset === 1) await endFinishedCalls(this.#log, key.sessionId).catch(() => {});
        return formatSessionEventId({ streamId, offset, mark, epoch });
      }
      if (appended.outcome === "ended") {
        throw new DurableMcpError(
          "STREAM_FINISHED",
          "The stream was given up: too many streams have begun since.",
        );
      }
      this.#session.forget();
      if (tries === MAX_TRIES)
        throw new DurableMcpError("STORE_UNAVAILABLE", "The session expires before it can be written to.");
    }
  }

  /**
   * Replays what follows an event, oldest first. Where events are gone, a call's responses make up for them; without
   * one the replay fails, and so it does for an id that names no event of this session: in both cases with one error.
   */
  async replayAfter(cursor: SessionCursor, send: Send): Promise<void> {
    const key = this.#key(cursor.streamId);
    if ((await this.#session.find()) !== cursor.epoch || !(await this.#isOurs(key, cursor)))
      throw notReplayable();
    for (let after = cursor.offset; ; ) {
      const page = await this.#log.read(key, after, PAGE);
      if (page.outcome === "unknown") throw notReplayable();
      if (page.outcome === "gap") {
        const responses = await this.#log.finals(key);
        if (!responses.some(({ offset }) => offset > cursor.offset)) throw notReplayable();
        for (const { offset, payload } of responses) {
          if (offset > after && offset < page.oldest) await this.#send(cursor, offset, payload, send);
        }
        after = page.oldest - 1;
        continue;
      }
      for (const { offset, payload } of page.events) {
        await this.#send(cursor, offset, payload, send);
        after = offset;
      }
      if (page.events.length === 0 || page.ended) return;
    }
  }

  /** Whether the event at the cursor's place is the one that its id was given to, as far as it is still there. */
  async #isOurs(key: StreamKey, { offset, mark }: SessionCursor): Promise<boolean> {
    const page = await this.#log.read(key, offset - 1, { events: 1, bytes: 1 });
    // Nothing to compare with. If it never was, neither was what follows it, which is looked at next.
    if (page.outcome === "gap") return true;
    const [event] = page.outcome === "page" ? page.events : [];
    return event !== undefined && unmarked(event.payload).mark === mark;
  }

  async #send(
    { streamId, epoch }: SessionCursor,
    offset: number,
    payload: string,
    send: Send,
  ): Promise<void> {
    const { mark, text } = unmarked(payload);
    await send(formatSessionEventId({ streamId, offset, mark, epoch }), JSON.parse(text));
  }

  #key(streamId: string): StreamKey {
    return { sessionId: this.#session.id, streamId };
  }
}

/**
 * Reads an event id.
 *
 * Errors:  INVALID_REQUEST, the same as for an event that is gone or another session's (G3)
 */
export function cursorOf(eventId: string): SessionCursor {
  const cursor = parseSessionEventId(eventId);
  if (!cursor) throw notReplayable();
  return cursor;
}

function notReplayable(): DurableMcpError {
  return new DurableMcpError(
    "INVALID_REQUEST",
    "Nothing can be replayed: the session has no event of that id, or what followed it is no longer kept.",
  );
}

function isResponse(message: unknown): boolean {
  return typeof message === "object" && message !== null && ("result" in message || "error" in message);
}
