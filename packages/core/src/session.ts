import { DurableMcpError, type RequestId, type SessionRecord, type Store } from "@durable-mcp/contract";
import { rpcError } from "./answers.js";
import { CallTable } from "./calls.js";
import type { RequestFates } from "./follow-policies.js";
import { GET_STREAM_ID, GetStream } from "./get-stream.js";
import { HostedServer } from "./hosted-server.js";
import { IncomingMessages } from "./incoming-messages.js";
import { isResponse, type JsonRpcMessage } from "./json-rpc.js";
import type { EndpointSettings, SessionOpener } from "./options.js";
import { OutgoingMessages } from "./outgoing-messages.js";
import { supportsPriming } from "./protocol-version.js";
import { RecordKeeper } from "./record-keeper.js";
import { ServerTransport, type TransportOwner } from "./server-transport.js";
import { sessionContext } from "./session-context.js";
import { protocolVersionOf, type SessionShape } from "./session-shape.js";
import { StreamConnections } from "./stream-connections.js";
import { StreamReply } from "./stream-reply.js";
import { interruptedError, terminalErrorFrames } from "./terminal-errors.js";

export interface SessionHooks {
  readonly createServer: SessionOpener["createServer"];
  /** Whether a fresh server object takes the place of one that is gone: what it says at first goes nowhere. */
  readonly replaying: boolean;
  readonly onReleased: (session: Session) => void;
}

/** A session that this node owns: its server object, its calls in flight, and the connections that follow its streams. */
export class Session implements TransportOwner {
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
  /** Unix time in ms at which the store lets the session expire, as far as this node has moved it. */
  expiresAtMs: number;

  readonly #settings: EndpointSettings;
  readonly #store: Store;
  readonly #server: HostedServer;
  readonly #onReleased: (session: Session) => void;
  #released = false;
  #touching = false;

  constructor(
    settings: EndpointSettings,
    record: SessionRecord,
    { createServer, replaying, onReleased }: SessionHooks,
  ) {
    this.id = record.id;
    this.principal = record.principal;
    this.expiresAtMs = record.expiresAtMs;
    this.#settings = settings;
    this.#store = settings.store;
    this.#onReleased = onReleased;
    this.keeper = new RecordKeeper(settings.store.sessions, record, settings.maxSessionLength);
    this.transport = new ServerTransport(record.id, this, replaying);
    this.#server = new HostedServer(createServer, this.transport, (error) =>
      settings.logger.error("durable-mcp: a callback of the server object failed", {
        session: this.label,
        error: String(error),
      }),
    );
    this.connections = new StreamConnections({
      log: settings.store.log,
      sessionId: record.id,
      withIds: settings.resumable,
      retryMs: settings.retryMs,
      onError: (error) => this.reportError(error),
      onClosed: (streamId) => {
        if (streamId === GET_STREAM_ID) this.saveDelivered();
        if (!settings.resumable) this.#forgetStream(streamId);
      },
    });
    this.getStream = new GetStream({
      log: settings.store.log,
      sessionId: record.id,
      keeper: this.keeper,
      connections: this.connections,
      onError: (error) => this.reportError(error),
      isLost: (error) => this.#lostIf(error),
    });
    this.outgoing = new OutgoingMessages({
      keeper: this.keeper,
      calls: this.calls,
      getWriter: this.getStream.writer,
      onError: (error) => this.reportError(error),
    });
    const { keeper, calls, outgoing, transport } = this;
    this.incoming = new IncomingMessages({ keeper, calls, outgoing, transport });
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

  /** Whether its client holds a connection open, which keeps it from expiring. */
  get connected(): boolean {
    return this.connections.size > 0 || [...this.calls].some(({ reply }) => reply.held);
  }

  get released(): boolean {
    return this.#released;
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
      isAnsweredHere: (id) => {
        const reply = this.calls.get(id)?.reply;
        return reply instanceof StreamReply && reply.streamId === streamId;
      },
      wasCancelled: (id) => this.calls.wasCancelled(id),
    };
  }

  /** Whether a stream answers requests that are in flight here. */
  isLive(streamId: string): boolean {
    return [...this.calls].some(({ reply }) => reply instanceof StreamReply && reply.streamId === streamId);
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
      onCommitted: (committed) => {
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
    if (reply instanceof StreamReply) this.connections.close(reply.streamId);
  }

  /** Stores how far the client has got, if that has changed. */
  saveDelivered(): void {
    if (!this.#released) this.getStream.saveDelivered();
  }

  /** The store is back: what it could not take meanwhile is made up for. */
  async makeUpForMissed(): Promise<void> {
    await this.getStream.makeUpForMissed((notice) => this.outgoing.notify(notice));
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
    if (!this.#lostIf(error)) this.connections.conclude(streamId, terminalErrorFrames(streamId, errors));
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

  /** Moves the expiry on, unless that was done a short while ago. A session that is gone has ended here too. */
  async touch(nowMs: number): Promise<void> {
    const { idleTtlMs } = this.#settings;
    if (this.#touching || this.expiresAtMs - nowMs > idleTtlMs * 0.9) return;
    this.#touching = true;
    try {
      const { outcome } = await this.#store.sessions.touch(this.id, idleTtlMs);
      if (outcome === "ok") this.expiresAtMs = nowMs + idleTtlMs;
      else this.end();
    } finally {
      this.#touching = false;
    }
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
    for (const reply of new Set([...this.calls].map((call) => call.reply))) {
      reply.fail(new DurableMcpError("INTERRUPTED", "The session ended before this request was answered."));
    }
    this.release();
  }

  /** Lets go of the session on this node: its server object is closed, its connections end. The store keeps it. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#onReleased(this);
    this.connections.closeAll();
    for (const { reply } of this.calls) reply.abandon();
    this.#server.close();
  }

  /** Lets go of the session if the error says that it is gone or owned by another node. */
  #lostIf(error: DurableMcpError): boolean {
    if (error.code !== "SESSION_NOT_FOUND") return false;
    if (!this.#released) {
      this.#settings.logger.warn("durable-mcp: a session has ended or another node owns it now", {
        session: this.label,
      });
      this.release();
    }
    return true;
  }
}

/** Whether a message refuses the request that was to open the session. */
function isRefusedInitialize(message: JsonRpcMessage, calls: CallTable): boolean {
  if (!isResponse(message) || "result" in message || message.id === undefined || message.id === null)
    return false;
  return calls.get(message.id)?.request.method === "initialize";
}
