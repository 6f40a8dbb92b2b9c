import {
  DurableMcpError,
  type RequestId,
  type SessionRecord,
  type Store,
  type StreamHead,
} from "@durable-mcp/contract";
import { rpcError } from "./answers.js";
import { CallTable } from "./calls.js";
import type { RequestFates } from "./follow-policies.js";
import type { FollowableSession } from "./followable-session.js";
import { GET_STREAM_ID, GetStream } from "./get-stream.js";
import { HostedServer } from "./hosted-server.js";
import type { HttpResponse } from "./http.js";
import { Inbox } from "./inbox.js";
import { IncomingMessages } from "./incoming-messages.js";
import { concludeStream } from "./interrupted-calls.js";
import { isResponse, type JsonRpcMessage } from "./json-rpc.js";
import type { EndpointSettings, SessionOpener } from "./options.js";
import { OutgoingMessages } from "./outgoing-messages.js";
import { supportsPriming } from "./protocol-version.js";
import { RecordKeeper } from "./record-keeper.js";
import { RemoteFollowers } from "./remote-followers.js";
import { ServerTransport, type TransportOwner } from "./server-transport.js";
import { sessionContext } from "./session-context.js";
import { SessionExpiry } from "./session-expiry.js";
import { protocolVersionOf, type SessionShape } from "./session-shape.js";
import type { FollowPolicy } from "./stream-connection.js";
import { StreamConnections, SUPERSEDED_RETRY_MS } from "./stream-connections.js";
import { StreamReply } from "./stream-reply.js";
import { interruptedError, terminalErrorFrames } from "./terminal-errors.js";

export interface SessionHooks {
  readonly createServer: SessionOpener["createServer"];
  /** Whether a fresh server object takes the place of one that is gone: what it says at first goes nowhere. */
  readonly replaying: boolean;
  readonly onReleased: (session: Session) => void;
  /** The session has ended, or another node owns it now. */
  readonly onLost: (session: Session) => void;
  /** Its client has ended it, at a node which will end it in the store. */
  readonly onStopped: (session: Session) => void;
}

/** A session that this node owns: its server object, its calls in flight, and the connections that follow its streams. */
export class Session implements TransportOwner, FollowableSession {
  readonly id: string;
  readonly principal: string;
  readonly calls = new CallTable();
  readonly keeper: RecordKeeper;
  readonly transport: ServerTransport;
  readonly connections: StreamConnections;
  readonly getStream: GetStream;
  readonly outgoing: OutgoingMessages;
  readonly incoming: IncomingMessages;
  /** Streams of interrupted calls that are being concluded. */
  readonly concluding = new Map<string, Promise<void>>();
  /** What comes for it at other nodes; undefined on a store that no other node has. */
  readonly inbox: Inbox | undefined;
  readonly followers: RemoteFollowers;
  readonly expiry: SessionExpiry;

  readonly #settings: EndpointSettings;
  readonly #store: Store;
  readonly #server: HostedServer;
  readonly #onReleased: (session: Session) => void;
  readonly #onLost: (session: Session) => void;
  readonly #onStopped: (session: Session) => void;
  /** Streams followed on other nodes whose answers could not be stored. */
  readonly #unconcluded = new Map<string, readonly RequestId[]>();
  #released = false;
  #ended = false;

  constructor(
    settings: EndpointSettings,
    record: SessionRecord,
    { createServer, replaying, onReleased, onLost, onStopped }: SessionHooks,
  ) {
    this.id = record.id;
    this.principal = record.principal;
    this.#settings = settings;
    this.#store = settings.store;
    this.#onReleased = onReleased;
    this.#onLost = onLost;
    this.#onStopped = onStopped;
    const { sessions, log } = settings.store;
    const onError = (error: unknown) => this.reportError(error);
    this.expiry = new SessionExpiry(sessions, record.id, settings.idleTtlMs, record.expiresAtMs);
    this.keeper = new RecordKeeper(sessions, record, settings.maxSessionLength);
    this.transport = new ServerTransport(record.id, this, replaying);
    this.#server = new HostedServer(createServer, this.transport, (error) =>
      settings.logger.error("durable-mcp: a callback of the server object failed", {
        session: this.label,
        error: String(error),
      }),
    );
    this.connections = new StreamConnections({
      log,
      sessionId: record.id,
      withIds: settings.resumable,
      retryMs: settings.retryMs,
      onError,
      onClosed: (streamId) => {
        if (streamId === GET_STREAM_ID) this.saveDelivered();
        if (!settings.resumable) this.#forgetStream(streamId);
      },
    });
    this.getStream = new GetStream({
      log,
      sessionId: record.id,
      keeper: this.keeper,
      connections: this.connections,
      onError,
      isLost: (error) => this.#lostIf(error),
    });
    this.followers = new RemoteFollowers({
      log,
      sessionId: record.id,
      fence: record.fence,
      onError,
    });
    this.outgoing = new OutgoingMessages({
      keeper: this.keeper,
      calls: this.calls,
      getWriter: this.getStream.writer,
      onError,
    });
    const { keeper, calls, outgoing, transport } = this;
    this.incoming = new IncomingMessages({ keeper, calls, outgoing, transport });
    this.inbox = settings.store.capabilities.shared ? new Inbox(this, settings) : undefined;
  }

  get shape(): SessionShape {
    return this.keeper.shape;
  }

  get protocolVersion(): string {
    return protocolVersionOf(this.shape);
  }

  /** Whether streams begin with a cursor, so that they can be resumed from the start. */
  get primes(): boolean {
    return this.#settings.resumable && supportsPriming(this.protocolVersion);
  }

  /** What its answers say of it. */
  get headers(): Readonly<Record<string, string>> {
    return this.#settings.namesSession ? { "mcp-session-id": this.id } : {};
  }

  /** Whether nothing is being done for its client here. */
  get isIdle(): boolean {
    return this.calls.size === 0 && this.connections.size === 0 && !this.inbox?.isBusy;
  }

  /** Whether its client holds a connection open, which keeps it from expiring. */
  get connected(): boolean {
    return this.connections.size > 0 || [...this.calls].some(({ reply }) => reply.held);
  }

  get delivered(): number {
    return this.getStream.delivered;
  }

  get released(): boolean {
    return this.#released;
  }

  /** Whether it is gone for good. */
  get ended(): boolean {
    return this.#ended;
  }

  keyOf(streamId: string): { readonly sessionId: string; readonly streamId: string } {
    return { sessionId: this.id, streamId };
  }

  /** Builds the session's server object and connects it. */
  async start(opening: { readonly restored: boolean }): Promise<void> {
    await this.#server.start(sessionContext(this, this.keeper, opening.restored));
  }

  /** What has become of the requests that a stream answers. */
  fatesOn(streamId: string): RequestFates {
    return {
      isAnswered: (id) => {
        const reply = this.calls.get(id)?.reply;
        return reply instanceof StreamReply && reply.streamId === streamId;
      },
      wasCancelled: (id) => this.calls.wasCancelled(id),
      // What is being answered here is known here before the store knows the stream.
      hasBegun: () => false,
    };
  }

  /** Whether a stream answers requests that are in flight here. */
  isLive(streamId: string): boolean {
    return [...this.calls].some(({ reply }) => reply instanceof StreamReply && reply.streamId === streamId);
  }

  /** Its shape is always up to date. */
  async refresh(): Promise<void> {}

  followGet(response: HttpResponse, cursor: number, policy: FollowPolicy, preamble: readonly string[]): void {
    this.getStream.follow(response, cursor, policy, preamble);
  }

  async beforeFollowing(
    streamId: string,
    requestIds: readonly RequestId[],
    head: StreamHead | undefined,
  ): Promise<boolean> {
    this.followers.dismiss(streamId, SUPERSEDED_RETRY_MS);
    if (streamId === GET_STREAM_ID || head?.ended || this.isLive(streamId)) return false;
    if (!head) {
      for (const id of requestIds) this.calls.finish(id);
      return false;
    }
    // Its answer could not be stored. The server object lives: the request is not to be dispatched to it twice.
    await concludeStream(this, { store: this.#store }, streamId);
    return true;
  }

  /** A connection of another node follows a stream since that position of the inbox. */
  async followedFrom(streamId: string, requestIds: readonly RequestId[], position: number): Promise<void> {
    this.connections.close(streamId, SUPERSEDED_RETRY_MS);
    if (streamId === GET_STREAM_ID || this.isLive(streamId)) {
      this.followers.add(streamId, position);
      return;
    }
    for (const id of requestIds) this.calls.finish(id);
    // If the store cannot take it now, it is made up for.
    this.#unconcluded.set(streamId, requestIds);
    await concludeStream(this, { store: this.#store }, streamId, requestIds);
    this.#unconcluded.delete(streamId);
  }

  /** Opens the stream that answers the requests of one POST. */
  openReply(streamId: string, requestIds: readonly RequestId[]): StreamReply {
    return new StreamReply({
      log: this.#store.log,
      sessionId: this.id,
      streamId,
      fence: this.keeper.fence,
      calls: this.calls,
      requestIds,
      answersOnly: this.#settings.enableJsonResponse,
      onCommitted: (committed) => {
        if (committed.ended) this.followers.forget(streamId);
        this.connections.deliver(streamId, committed);
        const isUnheard = !this.#settings.resumable && !this.connections.has(streamId);
        if (isUnheard) this.#forgetStream(streamId);
      },
      onFailed: (error, ids) => this.#replyFailed(streamId, error, ids),
      onDropped: (error) => this.reportError(error),
    });
  }

  async send(message: JsonRpcMessage, relatedRequestId: RequestId | undefined): Promise<void> {
    const refused = isRefusedInitialize(message, this.calls);
    await this.outgoing.send(message, relatedRequestId);
    if (refused) await this.closedByServer();
  }

  /** The server object has closed its connection: the session ends for good. */
  async closedByServer(): Promise<void> {
    this.end();
    await this.#store.sessions.terminate(this.id, this.keeper.fence);
  }

  /** Whether a response can still reach its client, now or by a resume. */
  hears(requestId: RequestId): boolean {
    const reply = this.calls.get(requestId)?.reply;
    if (!(reply instanceof StreamReply)) return reply?.held ?? false;
    return this.#settings.resumable || this.connections.has(reply.streamId);
  }

  /** Ends the connection, not the call, by which a request is being answered. */
  closeConnectionOf(requestId: RequestId): void {
    const reply = this.calls.get(requestId)?.reply;
    if (reply instanceof StreamReply) this.closeConnection(reply.streamId);
  }

  /** Ends the connection of a stream, on whatever node it is: the client comes back. */
  closeConnection(streamId: string): void {
    if (this.connections.has(streamId)) this.connections.close(streamId);
    else this.followers.dismiss(streamId, this.#settings.retryMs);
  }

  /** Stores how far the client has got, if that has changed. */
  saveDelivered(): void {
    if (!this.#released) this.getStream.saveDelivered();
  }

  /** The store is back: what it could not take meanwhile is made up for. */
  async makeUpForMissed(): Promise<void> {
    await this.getStream.makeUpForMissed((notice) => this.outgoing.notify(notice));
    for (const [streamId, ids] of this.#unconcluded) {
      await concludeStream(this, { store: this.#store }, streamId, ids);
      this.#unconcluded.delete(streamId);
    }
  }

  /** Nobody can come back for what is left of a stream whose connection has closed. */
  #forgetStream(streamId: string): void {
    const { log } = this.#store;
    const key = this.keyOf(streamId);
    const upTo = async () =>
      streamId === GET_STREAM_ID ? this.getStream.delivered : ((await log.head(key))?.last ?? 0);
    upTo()
      .then((offset) => (offset > 0 ? log.trim(key, offset, this.keeper.fence) : undefined))
      .catch((error: unknown) => this.reportError(error));
  }

  #replyFailed(streamId: string, error: DurableMcpError, ids: readonly RequestId[]): void {
    const errors = ids.map((id) => rpcError(error, id));
    if (this.#lostIf(error)) return;
    this.connections.conclude(streamId, terminalErrorFrames(streamId, errors));
    if (this.followers.has(streamId)) this.#unconcluded.set(streamId, ids);
  }

  /** Enough of the id to recognise it, and too little to use it. */
  get label(): string {
    return this.id.slice(0, 8);
  }

  /** Says in the log and to the server object what went wrong where nobody waits for it. */
  reportError(error: unknown): void {
    if (this.#released) return;
    this.#settings.logger.warn("durable-mcp: a session's background step failed", {
      session: this.label,
      error: String(error),
    });
    this.#server.report(error);
  }

  /** Keeps it from expiring. A session that is gone has ended here too. */
  async touch(nowMs: number): Promise<void> {
    if (!(await this.expiry.touch(nowMs))) this.end();
  }

  /** Compares it with what the store has, which may have been moved on, ended or claimed by others. */
  async verify(): Promise<void> {
    const record = await this.#store.sessions.get(this.id);
    if (!record) this.end();
    else if (record.fence !== this.keeper.fence) this.lost();
    else this.expiry.atMs = record.expiresAtMs;
  }

  /** Stores what is not stored yet, before an orderly end. */
  async settle(): Promise<void> {
    this.saveDelivered();
    if (!this.primes) {
      // These clients may have nothing to resume by.
      const concluded = [...this.calls].map(({ request, reply }) =>
        reply.respond(request.id, JSON.stringify(interruptedError(request.id))),
      );
      await Promise.allSettled(concluded);
    }
    await this.keeper.settled();
  }

  /** The session is gone for good: calls in flight are told, since nothing of it can be resumed. */
  end(): void {
    this.#ended = true;
    for (const reply of new Set([...this.calls].map((call) => call.reply))) {
      reply.fail(new DurableMcpError("INTERRUPTED", "The session ended before this request was answered."));
    }
    this.release();
  }

  /** Its client has ended it, at another node: nothing of it is served any more. */
  stop(): void {
    this.#onStopped(this);
    this.end();
  }

  /** Lets go of the session on this node: its server object is closed, its connections end. The store keeps it. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.inbox?.close().catch((error: unknown) => this.reportError(error));
    this.#onReleased(this);
    this.connections.closeAll();
    for (const { reply } of this.calls) reply.abandon();
    this.#server.close();
  }

  /** The session has ended, or another node owns it: nothing more can be written here. */
  lost(): void {
    if (this.#released) return;
    this.#onLost(this);
    this.release();
  }

  /** Lets go of the session if the error says that it is gone or owned by another node. */
  #lostIf(error: DurableMcpError): boolean {
    if (error.code !== "SESSION_NOT_FOUND" && error.code !== "NOT_OWNER") return false;
    this.lost();
    return true;
  }
}

/** Whether a message refuses the request that was to open the session. */
function isRefusedInitialize(message: JsonRpcMessage, calls: CallTable): boolean {
  if (!isResponse(message) || "result" in message || message.id === undefined || message.id === null)
    return false;
  return calls.get(message.id)?.request.method === "initialize";
}
