import type {
  DurableMcpError,
  EventInput,
  RequestId,
  SessionRecord,
  StreamHead,
} from "@durable-mcp/contract";
import { asDurableMcpError } from "./answers.js";
import { parseControl } from "./control-events.js";
import type { RequestFates } from "./follow-policies.js";
import type { FollowableSession } from "./followable-session.js";
import { GET_STREAM_ID } from "./get-stream.js";
import type { HttpResponse } from "./http.js";
import type { EndpointSettings, SessionOpener } from "./options.js";
import { OwnerLink } from "./owner-link.js";
import { supportsPriming } from "./protocol-version.js";
import { sessionNotFound, shuttingDown } from "./session-errors.js";
import { SessionExpiry } from "./session-expiry.js";
import { parseShape, protocolVersionOf, type SessionShape } from "./session-shape.js";
import type { FollowPolicy } from "./stream-connection.js";
import { StreamConnections } from "./stream-connections.js";
import { interruptedError, terminalErrorFrames } from "./terminal-errors.js";

/** How long an owner may take to answer a POST before it is asked about it, in ms. */
const OVERDUE_MS = 4_000;

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
  readonly toOwner: OwnerLink;
  /** Builds the server object if this node takes over; that of the newest request. */
  createServer: SessionOpener["createServer"];
  /** Time of the monotonic clock in ms at which it was asked for last. */
  lastUsedMs = performance.now();

  readonly #settings: EndpointSettings;
  readonly #adopt: RemoteSessionOptions["adopt"];
  readonly #onEnded: (session: RemoteSession) => void;
  readonly #lifetime = new AbortController();
  #owner: string;
  #fence: number;
  #shape: SessionShape;
  #delivered: number;
  #savedDelivered: number;
  #checking: Promise<void> | undefined;
  #checkNext: Promise<void> | undefined;
  /** The last look at its owner has failed. */
  #isBehind = false;

  constructor({ settings, record, adopt, createServer, onEnded }: RemoteSessionOptions) {
    this.id = record.id;
    this.principal = record.principal;
    this.createServer = createServer;
    this.#settings = settings;
    this.toOwner = new OwnerLink({
      log: settings.store.log,
      sessionId: record.id,
      lifetime: this.#lifetime.signal,
      onGone: () => this.end(),
    });
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
      onOpened: (streamId) => this.toOwner.followed.opened(streamId),
      onClosed: (streamId) => {
        if (streamId === GET_STREAM_ID) this.saveDelivered();
        if (!this.connections.has(streamId)) this.toOwner.followed.closed(streamId);
      },
    });
    settings.store.log
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
    return this.connections.size > 0 || this.toOwner.awaited.size > 0;
  }

  /** Whether nothing is being done for its client here. */
  get isIdle(): boolean {
    return !this.connected;
  }

  /** Whether the last look at its owner has failed. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Whether somebody here has been waiting for the owner's answer since before a time of the monotonic clock. */
  waitsSince(ms: number): boolean {
    return this.toOwner.awaited.someSince(ms);
  }

  keyOf(streamId: string): { readonly sessionId: string; readonly streamId: string } {
    return { sessionId: this.id, streamId };
  }

  /** While there is a session, its owner answers every request or concludes it. */
  fatesOn(streamId: string): RequestFates {
    return {
      isAnswered: () => !this.released,
      wasCancelled: () => false,
      hasBegun: () => this.toOwner.followed.hasBegun(streamId),
    };
  }

  async beforeFollowing(
    streamId: string,
    requestIds: readonly RequestId[],
    head: StreamHead | undefined,
  ): Promise<boolean> {
    if (streamId === GET_STREAM_ID) await this.check();
    // What an ended stream had to say to its connections is over, too.
    this.toOwner.followed.forget(streamId);
    if (!head?.ended) await this.toOwner.followed.follow(streamId, requestIds);
    if (head) this.toOwner.followed.begun(streamId);
    return false;
  }

  refresh(): Promise<void> {
    return this.check();
  }

  followGet(response: HttpResponse, cursor: number, policy: FollowPolicy, preamble: readonly string[]): void {
    const delivered = (offset: number) => {
      this.#delivered = Math.max(this.#delivered, offset);
    };
    this.connections.open(GET_STREAM_ID, response, cursor, { ...policy, delivered }, preamble);
    // It may have ended on the way here.
    if (this.released) this.connections.close(GET_STREAM_ID);
  }

  /** Tells the owner how far the client has got, if that has changed. */
  saveDelivered(): void {
    if (this.#delivered === this.#savedDelivered || this.released) return;
    this.#savedDelivered = this.#delivered;
    this.toOwner.tell({ type: "delivered", offset: this.#delivered }).catch((error) => {
      // The next round of house-keeping tells it.
      this.#savedDelivered = 0;
      this.#report(error);
    });
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
      this.#checking = this.#check().then(
        () => {
          this.#isBehind = false;
        },
        (error: unknown) => this.#failed(asDurableMcpError(error)),
      );
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
    if (!this.primes) {
      // These clients may have nothing to resume by.
      for (const streamId of [...this.toOwner.followed.ids]) {
        const errors = this.toOwner.followed.requestIdsOf(streamId).map(interruptedError);
        this.connections.conclude(streamId, terminalErrorFrames(streamId, errors));
      }
    }
    this.connections.closeAll();
  }

  #close(reason: DurableMcpError): void {
    // That its client has got so far is told while the session can still be told anything.
    this.connections.close(GET_STREAM_ID);
    this.#lifetime.abort(reason);
    this.#onEnded(this);
    this.toOwner.awaited.failAll(reason);
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
    const overdue = this.toOwner.awaited.overdue(performance.now() - OVERDUE_MS);
    const isNew = record.fence !== this.#fence;
    await this.toOwner.followed.tellAgain(isNew ? undefined : overdue);
    this.#fence = record.fence;
  }

  #failed(error: DurableMcpError): void {
    this.#isBehind = error.retryable;
    if (error.retryable && error.code !== "INTERRUPTED") return;
    this.#report(error);
    this.toOwner.awaited.failAll(error);
    for (const streamId of this.toOwner.followed.ids) this.connections.close(streamId);
  }

  /** What the owner has to say to a connection. */
  #heed(streamId: string, event: EventInput): void {
    const control = parseControl(event);
    if (control.type === "ownership") void this.check();
    if (control.type !== "disconnect") return;
    if (this.toOwner.followed.isBefore(streamId, control.before))
      this.connections.close(streamId, control.retryMs);
  }

  #report(error: unknown): void {
    if (this.released) return;
    this.#settings.logger.warn("durable-mcp: a session of another node cannot be served for now", {
      session: this.id.slice(0, 8),
      error: String(error),
    });
  }
}
