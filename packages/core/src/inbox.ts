import type { DurableMcpError, StoredEvent } from "@durable-mcp/contract";
import { asDurableMcpError } from "./answers.js";
import { coalesced } from "./coalesced.js";
import { type ControlEvent, controlEvent } from "./control-events.js";
import { admit, dispatch } from "./dispatch.js";
import { INBOX_STREAM_ID, type InboxEntry, type PostEntry, parseEntry } from "./inbox-entries.js";
import { isRequest } from "./json-rpc.js";
import { extraOf, extraOfRequest } from "./message-extra.js";
import type { EndpointSettings } from "./options.js";
import { PutOffCalls } from "./put-off-calls.js";
import { InsufficientScopeError } from "./scope-challenge.js";
import type { Session } from "./session.js";
import { shuttingDown } from "./session-errors.js";
import { StreamReply } from "./stream-reply.js";

/** How much is taken at a time. */
const PAGE = { events: 64, bytes: 1024 * 1024 } as const;

/** How long in ms it is waited for what is being handed on when the session is let go of. */
const GIVE_BACK_MS = 1_000;

/** When it is tried again to take what a failing store would not give, in ms. */
const TAKE_AGAIN_MS = 500;

/**
 * What came for a session at other nodes, in order: each entry is taken out of the store before it is handed on, so that
 * no two server objects get it.
 *
 * Source:  G5, G6
 */
export class Inbox {
  readonly #session: Session;
  readonly #settings: EndpointSettings;
  readonly #closed = new AbortController();
  readonly #take: () => void;
  readonly #putOff: PutOffCalls;
  #putsOff = false;
  #taking: Promise<void> | undefined;
  #givenBack: Promise<void> | undefined;

  constructor(session: Session, settings: EndpointSettings) {
    this.#session = session;
    this.#settings = settings;
    this.#putOff = new PutOffCalls(settings.maxCallsPerSession);
    this.#take = coalesced(
      () => {
        this.#taking = this.#takeAll().finally(() => {
          this.#taking = undefined;
        });
        return this.#taking;
      },
      (error) => {
        session.reportError(error);
        const timer = setTimeout(() => this.wake(), TAKE_AGAIN_MS);
        (timer as { unref?: () => void }).unref?.();
      },
    );
  }

  /** From now on what comes wakes this node. Errors: STORE_UNAVAILABLE */
  open(): Promise<void> {
    const key = this.#session.keyOf(INBOX_STREAM_ID);
    return this.#settings.store.log.watch(key, () => this.wake(), this.#closed.signal);
  }

  /** There may be something. */
  wake(): void {
    if (!this.#session.released) this.#take();
  }

  /** Whether something is being handed on. */
  get isBusy(): boolean {
    return this.#taking !== undefined;
  }

  /** From now on calls are left to the next owner; what those that run here wait for is still handed on. */
  putOffCalls(): void {
    this.#putsOff = true;
  }

  /** Nothing more is taken; what was put off is given back, for the next owner to take. Errors: STORE_UNAVAILABLE */
  close(): Promise<void> {
    this.#closed.abort();
    this.#givenBack ??= this.#giveBack();
    return this.#givenBack;
  }

  async #giveBack(): Promise<void> {
    // What could not be taken is still there; and callbacks of the application may take their time.
    if (this.#taking) await settledWithin(this.#taking, GIVE_BACK_MS);
    const { events, streamIds } = this.#putOff;
    if (events.length === 0) return;
    const { keeper } = this.#session;
    const key = this.#session.keyOf(INBOX_STREAM_ID);
    // Of what a node took that is not the owner any more, clients have been told that it is lost.
    const options = { fence: keeper.fence, refuseWhenFull: true };
    const { outcome } = await this.#settings.store.log.append(key, events, options);
    if (outcome !== "full") return;
    for (const streamId of streamIds) this.#answer(streamId, refusal(shuttingDown()));
  }

  async #takeAll(): Promise<void> {
    const session = this.#session;
    for (let more = true; more && !session.released; ) {
      const key = session.keyOf(INBOX_STREAM_ID);
      const taken = await this.#settings.store.log.take(key, PAGE, session.keeper.fence);
      if (taken.outcome === "gone") session.end();
      else if (taken.outcome === "fenced") session.lost();
      if (taken.outcome !== "ok") return;
      for (const event of taken.events) await this.#handOn(event);
      more = taken.more;
    }
  }

  async #handOn(event: StoredEvent): Promise<void> {
    const session = this.#session;
    session.followers.reached(event.offset);
    try {
      const entry = parseEntry(event.payload);
      if (this.#isLeftToNextOwner(entry, event.offset)) return;
      const position = "position" in entry && entry.position !== undefined ? entry.position : event.offset;
      switch (entry.type) {
        case "post":
          return await this.#handOnPost(entry, position);
        case "follow":
          return await session.followedFrom(entry.streamId, entry.requestIds, position);
        case "stop":
          session.stop();
          return this.#answer(entry.streamId, { type: "accepted" });
        case "delivered":
          session.getStream.noteDelivered(entry.offset);
          return session.saveDelivered();
      }
    } catch (error) {
      session.reportError(error);
    }
  }

  #isLeftToNextOwner(entry: InboxEntry, position: number): boolean {
    const isCall = entry.type === "post" && entry.messages.some(isRequest);
    if (this.#putsOff && isCall) {
      const isTaken = this.#putOff.takeCall(entry, position);
      if (!isTaken) this.#answer(entry.streamId, refusal(shuttingDown()));
      return true;
    }
    const isLeft = this.#session.released || this.#putOff.concerns(entry);
    if (isLeft) this.#putOff.add(entry, position);
    return isLeft;
  }

  async #handOnPost(entry: PostEntry, position: number): Promise<void> {
    const { streamId, messages, weight, request } = entry;
    const session = this.#session;
    try {
      const requests = messages.filter(isRequest);
      if (requests.length === 0) {
        for (const message of messages) await session.incoming.receive(message, extraOf(request));
        return this.#answer(streamId, { type: "accepted" });
      }
      const ids = requests.map(({ id }) => id);
      const received = { messages, weight, authInfo: request.authInfo };
      const admission = await admit(this.#settings, session, received, () =>
        session.openReply(streamId, ids),
      );
      if (admission.joined)
        return this.#answer(streamId, { type: "joined", streamId: admission.joined.streamId });
      const { reply, isCancelled } = admission;
      session.followers.add(streamId, position);
      if (reply instanceof StreamReply && !isCancelled) reply.accept();
      await dispatch(session, reply, messages, extraOfRequest(request, session, reply));
    } catch (error) {
      this.#answer(streamId, refusal(asDurableMcpError(error)));
    }
  }

  /** Answers a POST whose stream gets nothing else. Nothing that comes later has to wait for it. */
  #answer(streamId: string, control: ControlEvent): void {
    const session = this.#session;
    this.#settings.store.log
      .append(session.keyOf(streamId), [controlEvent(control)], { fence: session.keeper.fence, end: true })
      .catch((error: unknown) => session.reportError(error));
  }
}

async function settledWithin(step: Promise<void>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([step.catch(() => {}), late]).finally(() => clearTimeout(timer));
}

function refusal(error: DurableMcpError): ControlEvent {
  const { code, message } = error;
  const challenge = error instanceof InsufficientScopeError ? { challenge: error.challenge } : {};
  return { type: "refused", code, message, ...challenge };
}
