import {
  DurableMcpError,
  type EventInput,
  type EventLog,
  formatStreamId,
  type ReadResult,
  type RequestId,
  type SessionRecord,
  type StreamHead,
} from "@durable-mcp/contract";
import { asDurableMcpError } from "./answers.js";
import { ANSWER_DEADLINE_MS, AwaitedStreams, unanswered } from "./awaited-streams.js";
import { type ControlEvent, parseControl } from "./control-events.js";
import type { RequestFates } from "./follow-policies.js";
import type { FollowableSession } from "./followable-session.js";
import { FollowedStreams } from "./followed-streams.js";
import { GET_STREAM_ID } from "./get-stream.js";
import type { HttpRequest, HttpResponse } from "./http.js";
import { INBOX_STREAM_ID, type InboxEntry, postEntry } from "./inbox-entries.js";
import type { EndpointSettings, SessionOpener } from "./options.js";
import type { Payload } from "./payload.js";
import { supportsPriming } from "./protocol-version.js";
import { randomName } from "./random-name.js";
import { InsufficientScopeError } from "./scope-challenge.js";
import { sessionNotFound, shuttingDown } from "./session-errors.js";
import { SessionExpiry } from "./session-expiry.js";
import { parseShape, protocolVersionOf, type SessionShape } from "./session-shape.js";
import { type FollowPolicy, PAGE } from "./stream-connection.js";
import { StreamConnections } from "./stream-connections.js";
import { StreamWatch } from "./stream-watch.js";
import type { Committed } from "./stream-writer.js";

/** How long an owner may take to answer a POST before it is asked about it, in ms. */
const OVERDUE_MS = 4_000;

/** How long an owner may take to stop, in ms: one that is dead has. */
const STOP_DEADLINE_MS = 2_000;

/** A stream on which nothing is ever written: what wakes its watchers is the end of the session. */
const PRESENCE_STREAM_ID = "presence";

export interface RemoteSessionOptions {
  readonly settings: EndpointSettings;
  readonly record: SessionRecord;
  /**
   * Makes this node the owner if there is none.
   *
   * Returns: the record afterwards; undefined if the session is gone
   */
  readonly adopt: (
    record: SessionRecord,
    createServer: SessionOpener["createServer"],
  ) => Promise<SessionRecord | undefined>;
  readonly createServer: SessionOpener["createServer"];
  readonly onEnded: (session: RemoteSession) => void;
}

/** How the owner answers a POST: on a stream that was there before, or on one that was made for it, from `first` on. */
export interface OwnersAnswer {
  readonly streamId: string;
  readonly first?: Committed;
  /** Hears of what happens to the stream after `first`. */
  readonly watch?: StreamWatch;
}

/**
 * A session that another node owns, as this node serves it: what the client says goes to the owner's inbox, and what the
 * owner says is read from the store. It works whoever owns the session, this node too after a take-over.
 *
 * Source:  G5, G6
 */
export class RemoteSession implements FollowableSession {
  readonly id: string;
  readonly principal: string;
  readonly connections: StreamConnections;
  readonly expiry: SessionExpiry;
  /** Builds the server object if this node takes over; that of the newest request. */
  createServer: SessionOpener["createServer"];
  /** Time of the monotonic clock in ms at which it was asked for last. */
  lastUsedMs = performance.now();

  readonly #settings: EndpointSettings;
  readonly #log: EventLog;
  readonly #adopt: RemoteSessionOptions["adopt"];
  readonly #onEnded: (session: RemoteSession) => void;
  readonly #lifetime = new AbortController();
  readonly #followed = new FollowedStreams((entry) => this.#tell(entry));
  readonly #awaited: AwaitedStreams;
  #owner: string;
  #fence: number;
  #shape: SessionShape;
  #delivered: number;
  #savedDelivered: number;
  #checking: Promise<void> | undefined;
  #checkNext: Promise<void> | undefined;

  constructor({ settings, record, adopt, createServer, onEnded }: RemoteSessionOptions) {
    this.id = record.id;
    this.principal = record.principal;
    this.createServer = createServer;
    this.#settings = settings;
    this.#log = settings.store.log;
    this.#awaited = new AwaitedStreams(settings.store.log);
    this.#adopt = adopt;
    this.#onEnded = onEnded;
    this.#owner = record.nodeId;
    this.#fence = record.fence;
    this.#shape = parseShape(record.shape);
    this.#delivered = this.#savedDelivered = this.#shape.delivered;
    this.expiry = new SessionExpiry(
      settings.store.sessions,
      record.id,
      settings.idleTtlMs,
      record.expiresAtMs,
    );
    this.connections = new StreamConnections({
      log: settings.store.log,
      sessionId: record.id,
      withIds: settings.resumable,
      retryMs: settings.retryMs,
      onError: (error) => this.#report(error),
      onControl: (streamId, event) => this.#heed(streamId, event),
      onOpened: (streamId) => this.#followed.opened(streamId),
      onClosed: (streamId) => {
        if (streamId === GET_STREAM_ID) this.saveDelivered();
        this.#followed.closed(streamId);
      },
    });
    this.#log
      .watch(this.keyOf(PRESENCE_STREAM_ID), () => void this.check(), this.#lifetime.signal)
      .catch((error: unknown) => this.#report(error));
  }

  get shape(): SessionShape {
    return this.#shape;
  }

  get protocolVersion(): string {
    return protocolVersionOf(this.#shape);
  }

  get primes(): boolean {
    return this.#settings.resumable && supportsPriming(this.protocolVersion);
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#settings.namesSession ? { "mcp-session-id": this.id } : {};
  }

  get delivered(): number {
    return this.#delivered;
  }

  /** The node that owns the session, as far as this one knows. */
  get owner(): string {
    return this.#owner;
  }

  /** Whether it is gone, or nothing more is to be done with it here. */
  get released(): boolean {
    return this.#lifetime.signal.aborted;
  }

  /** Whether a client holds a connection open for it here. */
  get connected(): boolean {
    return this.connections.size > 0 || this.#awaited.size > 0;
  }

  /** Whether nothing is being done for its client here. */
  get isIdle(): boolean {
    return !this.connected;
  }

  /** Whether somebody here has been waiting for the owner's answer since before a time of the monotonic clock. */
  waitsSince(ms: number): boolean {
    return this.#awaited.someSince(ms);
  }

  keyOf(streamId: string): { readonly sessionId: string; readonly streamId: string } {
    return { sessionId: this.id, streamId };
  }

  /** While there is a session, its owner answers every request or concludes it. */
  fatesOn(): RequestFates {
    return { isAnswered: () => !this.released, wasCancelled: () => false };
  }

  async beforeFollowing(
    streamId: string,
    requestIds: readonly RequestId[],
    head: StreamHead | undefined,
  ): Promise<boolean> {
    if (streamId === GET_STREAM_ID) await this.check();
    // What an ended stream had to say to its connections is over, too.
    this.#followed.forget(streamId);
    if (!head?.ended) await this.#followed.follow(streamId, requestIds);
    return false;
  }

  followGet(response: HttpResponse, cursor: number, policy: FollowPolicy, preamble: readonly string[]): void {
    const delivered = (offset: number) => {
      this.#delivered = Math.max(this.#delivered, offset);
    };
    this.connections.open(GET_STREAM_ID, response, cursor, { ...policy, delivered }, preamble);
  }

  /** Tells the owner how far the client has got, if that has changed. */
  saveDelivered(): void {
    if (this.#delivered === this.#savedDelivered || this.released) return;
    this.#savedDelivered = this.#delivered;
    this.#tell({ type: "delivered", offset: this.#delivered }).catch((error) => this.#report(error));
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
        this.#followed.add(streamId, await this.#tell(entry), requestIds);
      });
      const answer = page.outcome === "page" ? page.events[0] : undefined;
      const control = answer?.kind === "control" ? parseControl(answer) : undefined;
      if (control?.type === "refused") throw refused(control);
      if (control?.type === "joined") return { streamId: control.streamId };
      // Whoever took it has died over it.
      if (requestIds.length === 0 && control?.type !== "accepted") throw unanswered();
      isFollowed = requestIds.length > 0;
      // Where the beginning is gone already, the connection finds that out.
      if (page.outcome !== "page") watch.wake();
      const { events, ended } = page.outcome === "page" ? page : { events: [], ended: false };
      return { streamId, first: { first: 1, fence: 0, events, ended }, watch };
    } finally {
      if (!isFollowed) {
        this.#followed.forget(streamId);
        watch.stop();
      }
    }
  }

  /** The session is about to end: resolves when its owner serves nothing of it any more, or does not say so in time. */
  async stop(): Promise<void> {
    const streamId = this.#newStreamId([]);
    const watch = new StreamWatch();
    const tell = async () => void (await this.#tell({ type: "stop", streamId }));
    await this.#firstOf(streamId, watch, STOP_DEADLINE_MS, tell).catch(() => {});
    watch.stop();
  }

  /** The responses on a stream, as JSON text, when it has ended. Errors: as for `post` */
  async responses(streamId: string): Promise<readonly string[]> {
    const key = this.keyOf(streamId);
    const watch = new StreamWatch();
    try {
      this.#refuseWhenReleased();
      return await this.#awaited.until(key, watch, {
        begin: async () => watch.wake(),
        look: async () => {
          if (!(await this.#log.head(key))?.ended) return undefined;
          const finals = await this.#log.finals(key);
          return finals.filter(({ kind }) => kind === "message").map(({ payload }) => payload);
        },
      });
    } finally {
      this.#followed.forget(streamId);
      watch.stop();
    }
  }

  /** Keeps it from expiring. A session that is gone has ended here too. */
  async touch(nowMs: number): Promise<void> {
    if (!(await this.expiry.touch(nowMs))) this.end();
  }

  /**
   * Looks who owns the session: takes over if nobody does, and tells a new owner what is waited for here. Never rejects:
   * what can be tried again will be, and what cannot is told to those who wait.
   */
  check(): Promise<void> {
    // One that is under way may have read the record too early.
    this.#checkNext ??= (this.#checking ?? Promise.resolve()).then(() => {
      this.#checkNext = undefined;
      this.#checking = this.#check().catch((error: unknown) => this.#failed(asDurableMcpError(error)));
      return this.#checking;
    });
    return this.#checkNext;
  }

  /** The session is gone for good. */
  end(): void {
    if (this.released) return;
    this.#close(sessionNotFound());
    // They find that their streams are gone, and tell their clients.
    this.connections.wake();
  }

  /** Nothing more is done with it here; its clients come back. */
  release(): void {
    if (this.released) return;
    this.#close(shuttingDown());
    this.connections.closeAll();
  }

  #close(reason: DurableMcpError): void {
    // That its client has got so far is told while the session can still be told anything.
    this.connections.close(GET_STREAM_ID);
    this.#lifetime.abort(reason);
    this.#onEnded(this);
    this.#awaited.failAll(reason);
  }

  async #check(): Promise<void> {
    if (this.released) return;
    const found = await this.#settings.store.sessions.get(this.id);
    const record = found && (await this.#adopt(found, this.createServer));
    if (!record) return this.end();
    this.#owner = record.nodeId;
    this.#shape = parseShape(record.shape);
    this.#delivered = Math.max(this.#delivered, this.#shape.delivered);
    if (this.released) return;
    // An entry may have been lost between the store and the owner.
    const overdue = this.#awaited.overdue(performance.now() - OVERDUE_MS);
    const isNew = record.fence !== this.#fence;
    this.#fence = record.fence;
    await this.#followed.tellAgain(isNew ? undefined : overdue);
  }

  #failed(error: DurableMcpError): void {
    if (error.retryable) return;
    this.#report(error);
    this.#awaited.failAll(error);
    for (const streamId of this.#followed.ids) this.connections.close(streamId);
  }

  /** What the owner has to say to a connection. */
  #heed(streamId: string, event: EventInput): void {
    const control = parseControl(event);
    if (control.type === "ownership") void this.check();
    if (control.type !== "disconnect") return;
    if (this.#followed.isBefore(streamId, control.before)) this.connections.close(streamId, control.retryMs);
  }

  /** Returns: the position of the entry in the inbox */
  async #tell(entry: InboxEntry): Promise<number> {
    const key = this.keyOf(INBOX_STREAM_ID);
    const event = { kind: "control", payload: JSON.stringify(entry) } as const;
    const appended = await this.#log.append(key, [event], { refuseWhenFull: true });
    if (appended.outcome === "ok") return appended.last;
    if (appended.outcome === "full")
      throw new DurableMcpError("STORE_FULL", "The inbox of the session is full.");
    this.end();
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
    const key = this.keyOf(streamId);
    const look = async () => {
      const page = await this.#log.read(key, 0, PAGE);
      const isEmpty = page.outcome === "page" && page.events.length === 0 && !page.ended;
      return page.outcome === "unknown" || isEmpty ? undefined : page;
    };
    return this.#awaited.until(key, watch, { begin, look, deadlineMs });
  }

  #refuseWhenReleased(): void {
    if (this.released) throw this.#lifetime.signal.reason;
  }

  #report(error: unknown): void {
    if (this.released) return;
    this.#settings.logger.warn("durable-mcp: a session of another node cannot be served for now", {
      session: this.id.slice(0, 8),
      error: String(error),
    });
  }
}

function refused({ code, message, challenge }: Extract<ControlEvent, { type: "refused" }>): DurableMcpError {
  return challenge === undefined
    ? new DurableMcpError(code, message)
    : new InsufficientScopeError(message, challenge);
}
