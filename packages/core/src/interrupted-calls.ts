import { DurableMcpError, parseStreamId, type RequestId, type StoredEvent } from "@durable-mcp/contract";
import { type ControlEvent, parseControl } from "./control-events.js";
import { responseId } from "./follow-policies.js";
import type { FollowableSession } from "./followable-session.js";
import type { JsonRpcRequest } from "./json-rpc.js";
import { extraOfRequest } from "./message-extra.js";
import type { EndpointSettings } from "./options.js";
import type { Session } from "./session.js";
import { interruptedError } from "./terminal-errors.js";

/** Concludes every call that an earlier owner of the session left without an answer (G4). */
export async function concludeInterruptedCalls(session: Session, settings: EndpointSettings): Promise<void> {
  for (const streamId of await settings.store.log.openStreams(session.id)) {
    if (parseStreamId(streamId)?.kind === "post") await concludeStream(session, settings, streamId);
  }
}

/**
 * Concludes one open stream that nobody answers any more: each request on it without a response is, as `onInterrupted`
 * decides, dispatched again or answered by a retryable error; then the stream ends. Whoever asks for it meanwhile waits
 * for the same conclusion.
 */
export function concludeStream(
  session: Session,
  settings: Pick<EndpointSettings, "store" | "onInterrupted">,
  streamId: string,
  requestIds: readonly RequestId[] = [],
): Promise<void> {
  const { concluding } = session;
  const concluded =
    concluding.get(streamId) ??
    conclude(session, settings, streamId, requestIds)
      .catch(ignoreEnded)
      .finally(() => concluding.delete(streamId));
  concluding.set(streamId, concluded);
  return concluded;
}

/** The client's cancellation may have ended the stream meanwhile. */
function ignoreEnded(error: unknown): void {
  if (!(error instanceof DurableMcpError && error.code === "STREAM_FINISHED")) throw error;
}

async function conclude(
  session: Session,
  settings: Pick<EndpointSettings, "store" | "onInterrupted">,
  streamId: string,
  /** Those that its followers wait for, where neither its name nor the store says which ones it answers. */
  requestIds: readonly RequestId[],
): Promise<void> {
  const { log } = settings.store;
  const finals = await log.finals(session.keyOf(streamId));
  const name = parseStreamId(streamId);
  const stored = storedRequests(finals);
  const known = (name?.kind === "post" && name.requestIds) || stored.map(({ id }) => id);
  const ids = known.length > 0 ? known : requestIds;
  const concluded = concludedIds(finals);
  const remaining = ids.filter((id) => !concluded.has(id));
  if (remaining.length === 0) {
    await log.append(session.keyOf(streamId), [], { fence: session.keeper.fence, end: true });
    return;
  }

  const again: JsonRpcRequest[] = [];
  for (const request of stored.filter(({ id }) => remaining.includes(id))) {
    const attempts = 1 + dispatchesAgain(finals, request.id);
    const decision = await settings.onInterrupted?.(request, { sessionId: session.id, attempts });
    if (decision === "dispatch-again") again.push(request);
  }
  const againIds = again.map(({ id }) => id);
  const reply = session.openReply(streamId, remaining);
  for (const request of again) session.calls.begin({ request, reply, weight: 0 }, Date.now());
  if (again.length > 0) await reply.storeDispatchedAgain(againIds);
  const lost = remaining.filter((id) => !againIds.includes(id));
  await Promise.all(lost.map((id) => reply.respond(id, JSON.stringify(interruptedError(id)))));
  // Who sent it is not stored: credentials are not, and the session belongs to the same principal as before.
  const extra = extraOfRequest(
    { method: "POST", headers: session.keeper.shape.headers, url: "/", authInfo: undefined },
    session,
    reply,
  );
  for (const request of again) session.transport.receive(request, extra);
}

/** The ids that a stream answers, where its event ids were too short to name them. */
export async function storedRequestIds(
  settings: EndpointSettings,
  session: Pick<FollowableSession, "keyOf">,
  streamId: string,
): Promise<readonly RequestId[]> {
  return storedRequests(await settings.store.log.finals(session.keyOf(streamId))).map(({ id }) => id);
}

function controls(finals: readonly StoredEvent[]): readonly ControlEvent[] {
  return finals.filter(({ kind }) => kind === "control").map(parseControl);
}

function storedRequests(finals: readonly StoredEvent[]): readonly JsonRpcRequest[] {
  return controls(finals).flatMap((control) => (control.type === "opened" ? control.requests : []));
}

function concludedIds(finals: readonly StoredEvent[]): ReadonlySet<RequestId> {
  const answered = finals.filter(({ kind }) => kind === "message").map(responseId);
  const cancelled = controls(finals).flatMap((control) => (control.type === "cancelled" ? control.ids : []));
  return new Set([...answered, ...cancelled]);
}

function dispatchesAgain(finals: readonly StoredEvent[], id: RequestId): number {
  return controls(finals).filter((control) => control.type === "dispatched-again" && control.ids.includes(id))
    .length;
}
