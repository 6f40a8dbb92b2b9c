import {
  DurableMcpError,
  type EventLog,
  formatStreamId,
  type ReadResult,
  type RequestId,
  type StreamKey,
} from "@durable-mcp/contract";
import { ANSWER_DEADLINE_MS, AwaitedStreams, unanswered } from "./awaited-streams.js";
import { type ControlEvent, parseControl } from "./control-events.js";
import { FollowedStreams } from "./followed-streams.js";
import type { HttpRequest } from "./http.js";
import { INBOX_STREAM_ID, type InboxEntry, postEntry } from "./inbox-entries.js";
import type { Payload } from "./payload.js";
import { randomName } from "./random-name.js";
import { InsufficientScopeError } from "./scope-challenge.js";
import { sessionNotFound } from "./session-errors.js";
import { PAGE } from "./stream-connection.js";
import { StreamWatch } from "./stream-watch.js";
import type { Committed } from "./stream-writer.js";

/** How long an owner may take to stop, in ms: one that is dead has. */
const STOP_DEADLINE_MS = 2_000;

/** How the owner answers a POST: on a stream that was there before, or on one that was made for it, from `first` on. */
export interface OwnersAnswer {
  readonly streamId: string;
  readonly first?: Committed;
  /** Hears of what happens to the stream after `first`. */
  readonly watch?: StreamWatch;
}

export interface OwnerLinkOptions {
  readonly log: EventLog;
  readonly sessionId: string;
  /** Aborted when the session is gone, or nothing more is to be done with it here; its reason is what requests are told. */
  readonly lifetime: AbortSignal;
  /** The store does not know the session any more. */
  readonly onGone: () => void;
}

/** What this node has to say to the owner of a session, and what it waits for from it. */
export class OwnerLink {
  readonly followed = new FollowedStreams((entry) => this.tell(entry));
  readonly awaited: AwaitedStreams;
  readonly #options: OwnerLinkOptions;

  constructor(options: OwnerLinkOptions) {
    this.#options = options;
    this.awaited = new AwaitedStreams(options.log);
  }

  /**
   * Sends messages of the client to the owner.
   *
   * Returns: where and how it answers them
   * Errors:  what the owner says; SESSION_NOT_FOUND; STORE_FULL where the inbox has no room; INTERRUPTED if nobody
   *          answers; what the store says
   */
  async post(
    request: HttpRequest,
    { messages, weight }: Payload,
    requestIds: readonly RequestId[],
  ): Promise<OwnersAnswer> {
    const streamId = this.#newStreamId(requestIds);
    const watch = new StreamWatch();
    let isFollowed = false;
    try {
      const page = await this.#firstOf(streamId, watch, ANSWER_DEADLINE_MS, async () => {
        const entry = postEntry(streamId, messages, weight, request);
        this.followed.add(streamId, await this.tell(entry), requestIds);
      });
      const answer = page.outcome === "page" ? page.events[0] : undefined;
      const control = answer?.kind === "control" ? parseControl(answer) : undefined;
      if (control?.type === "refused") throw refused(control);
      if (control?.type === "joined") return { streamId: control.streamId };
      // Whoever took it has died over it.
      if (requestIds.length === 0 && control?.type !== "accepted") throw unanswered();
      isFollowed = requestIds.length > 0;
      this.followed.begun(streamId);
      // Where the beginning is gone already, the connection finds that out.
      if (page.outcome !== "page") watch.wake();
      const { events, ended } = page.outcome === "page" ? page : { events: [], ended: false };
      return { streamId, first: { first: 1, fence: 0, events, ended }, watch };
    } finally {
      if (!isFollowed) {
        this.followed.forget(streamId);
        watch.stop();
      }
    }
  }

  /** The session is about to end: resolves when its owner serves nothing of it any more, or does not say so in time. */
  async stop(): Promise<void> {
    const streamId = this.#newStreamId([]);
    const watch = new StreamWatch();
    const tell = async () => void (await this.tell({ type: "stop", streamId }));
    await this.#firstOf(streamId, watch, STOP_DEADLINE_MS, tell).catch(() => {});
    watch.stop();
  }

  /** The responses on a stream, as JSON text, when it has ended. Errors: as for `post` */
  async responses(streamId: string): Promise<readonly string[]> {
    const key = this.#keyOf(streamId);
    const watch = new StreamWatch();
    try {
      this.#refuseWhenReleased();
      return await this.awaited.until(key, watch, {
        begin: async () => watch.wake(),
        look: async () => {
          if (!(await this.#options.log.head(key))?.ended) return undefined;
          const finals = await this.#options.log.finals(key);
          return finals.filter(({ kind }) => kind === "message").map(({ payload }) => payload);
        },
      });
    } finally {
      this.followed.forget(streamId);
      watch.stop();
    }
  }

  /**
   * Puts an entry into the owner's inbox.
   *
   * Returns: its position there
   * Errors:  SESSION_NOT_FOUND; STORE_FULL; what the store says
   */
  async tell(entry: InboxEntry): Promise<number> {
    const key = this.#keyOf(INBOX_STREAM_ID);
    const event = { kind: "control", payload: JSON.stringify(entry) } as const;
    const appended = await this.#options.log.append(key, [event], { refuseWhenFull: true });
    if (appended.outcome === "ok") return appended.last;
    if (appended.outcome === "full")
      throw new DurableMcpError("STORE_FULL", "The inbox of the session is full.");
    this.#options.onGone();
    throw sessionNotFound();
  }

  #newStreamId(requestIds: readonly RequestId[]): string {
    return formatStreamId({ kind: "post", nonce: randomName(9), requestIds });
  }

  /** What comes first on a stream that was made for an entry of the inbox. */
  async #firstOf(
    streamId: string,
    watch: StreamWatch,
    deadlineMs: number,
    begin: () => Promise<void>,
  ): Promise<ReadResult> {
    this.#refuseWhenReleased();
    const key = this.#keyOf(streamId);
    const look = async () => {
      const page = await this.#options.log.read(key, 0, PAGE);
      const isEmpty = page.outcome === "page" && page.events.length === 0 && !page.ended;
      return page.outcome === "unknown" || isEmpty ? undefined : page;
    };
    return this.awaited.until(key, watch, { begin, look, deadlineMs });
  }

  #refuseWhenReleased(): void {
    const { lifetime } = this.#options;
    if (lifetime.aborted) throw lifetime.reason;
  }

  #keyOf(streamId: string): StreamKey {
    return { sessionId: this.#options.sessionId, streamId };
  }
}

function refused({ code, message, challenge }: Extract<ControlEvent, { type: "refused" }>): DurableMcpError {
  return challenge === undefined
    ? new DurableMcpError(code, message)
    : new InsufficientScopeError(message, challenge);
}
