import {
  type Cursor,
  DurableMcpError,
  formatEventId,
  formatStreamId,
  parseEventId,
  type StreamHead,
} from "@durable-mcp/contract";
import { asDurableMcpError } from "./answers.js";
import { parseControl } from "./control-events.js";
import type { EndpointContext } from "./endpoint-context.js";
import { getPolicy, PostPolicy } from "./follow-policies.js";
import type { FollowableSession } from "./followable-session.js";
import { GET_STREAM_ID } from "./get-stream.js";
import { checkAccepts } from "./guards.js";
import type { HttpRequest, HttpResponse } from "./http.js";
import { storedRequestIds } from "./interrupted-calls.js";
import type { SessionAccess } from "./session-access.js";
import { primingFrame, SSE_HEADERS } from "./sse.js";
import type { FollowPolicy } from "./stream-connection.js";

/**
 * GET: follows the session's GET stream, or resumes the stream that Last-Event-ID names.
 *
 * Errors:  STREAM_FINISHED (405) where there is nothing to resume: the answer that stops clients from asking again
 * Source:  G1, G2; MCP 2025-11-25, Listening for Messages from the Server, Resumability and Redelivery
 */
export async function handleGet(
  context: EndpointContext,
  access: SessionAccess,
  request: HttpRequest,
  response: HttpResponse,
): Promise<void> {
  checkAccepts(request.headers.accept, ["text/event-stream"]);
  const session = await access.forStreams(request);
  const lastEventId = request.headers["last-event-id"];
  try {
    if (lastEventId) await resume(context, session, response, lastEventId);
    else await follow(context, session, response);
  } catch (error) {
    const failure = asDurableMcpError(error);
    if (!failure.retryable || response.begun || !session.primes) throw failure;
    // Official clients never ask again after a refusal or two; one that is told when to come back does (G8).
    context.report(failure);
    begin(session, response);
    const cursor = lastEventId || formatEventId(GET_STREAM_ID, session.delivered, 0);
    response.end(primingFrame(cursor, context.settings.retryMs));
  }
}

/**
 * Follows the GET stream from where the last connection got to.
 *
 * Errors:  GET_IN_USE (409) where an open connection is not to be superseded
 */
async function follow(
  context: EndpointContext,
  session: FollowableSession,
  response: HttpResponse,
): Promise<void> {
  if (context.settings.secondGet === "refuse" && session.connections.has(GET_STREAM_ID)) {
    throw new DurableMcpError("GET_IN_USE", "Conflict: Only one SSE stream is allowed per session");
  }
  context.refuseNewWork();
  // With the store down this fails before the answer has begun.
  const head = await context.settings.store.log.head(session.keyOf(GET_STREAM_ID));
  await session.beforeFollowing(GET_STREAM_ID, [], head);
  followGet(context, session, response, session.delivered);
}

async function resume(
  context: EndpointContext,
  session: FollowableSession,
  response: HttpResponse,
  lastEventId: string,
): Promise<void> {
  const cursor = parseEventId(lastEventId);
  if (!cursor) throw finished("it is not one of this endpoint's event ids");
  if (cursor.stream.kind === "get") {
    context.refuseNewWork();
    return resumeGet(context, session, response, cursor);
  }
  return resumePost(context, session, response, cursor);
}

async function resumeGet(
  context: EndpointContext,
  session: FollowableSession,
  response: HttpResponse,
  cursor: Cursor,
): Promise<void> {
  const { log } = context.settings.store;
  const head = await log.head(session.keyOf(GET_STREAM_ID));
  await session.beforeFollowing(GET_STREAM_ID, [], head);
  const none = { last: 0, oldest: 1, ended: false };
  const offset =
    cursor.offset === "end" ? undefined : await locate(context, session, GET_STREAM_ID, head ?? none, cursor);
  if (offset !== undefined) return followGet(context, session, response, offset, cursor);
  // The position means nothing here: from the oldest event kept, as after a gap.
  const { retryMs } = context.settings;
  const policy = getPolicy(GET_STREAM_ID, session, retryMs);
  const from = await policy.gap(0, (head ?? none).oldest);
  begin(session, response);
  const own = positionFrames(session, GET_STREAM_ID, cursor.offset, cursor.fence, retryMs);
  session.followGet(response, from.cursor, policy, [...own, ...from.frames]);
}

function followGet(
  context: EndpointContext,
  session: FollowableSession,
  response: HttpResponse,
  offset: number,
  cursor?: Cursor,
): void {
  const { retryMs } = context.settings;
  begin(session, response);
  const preamble = positionFrames(session, GET_STREAM_ID, offset, cursor?.fence ?? 0, retryMs);
  session.followGet(response, offset, getPolicy(GET_STREAM_ID, session, retryMs), preamble);
}

async function resumePost(
  context: EndpointContext,
  session: FollowableSession,
  response: HttpResponse,
  cursor: Cursor,
): Promise<void> {
  if (cursor.stream.kind !== "post" || cursor.offset === "end") throw finished("the stream has ended");
  const { settings } = context;
  const { log } = settings.store;
  const streamId = formatStreamId(cursor.stream);
  const key = session.keyOf(streamId);

  const ids = cursor.stream.requestIds ?? (await storedRequestIds(settings, session, streamId));
  let head = await log.head(key);
  if (!head && ids.length === 0) throw finished("the stream is not known");
  if (await session.beforeFollowing(streamId, ids, head)) head = await log.head(key);
  const policy = new PostPolicy(log, key, ids, session.fatesOn(streamId));
  if (!head) {
    const { wasCancelled } = session.fatesOn(streamId);
    if (ids.every(wasCancelled)) throw finished("the request was cancelled");
    return followPost(context, session, response, streamId, 0, 0, policy);
  }
  const offset = await locate(context, session, streamId, head, cursor);
  if (head.ended && (offset === head.last || (await endedByCancel(context, session, streamId, offset)))) {
    throw finished("the stream has ended and everything was read");
  }
  if (offset !== undefined)
    return followPost(context, session, response, streamId, offset, cursor.fence, policy);
  // The position means nothing here: the responses that are kept, and what comes from now on.
  const from = await policy.gap(0, head.last + 1);
  begin(session, response);
  const own = positionFrames(session, streamId, cursor.offset, cursor.fence, settings.retryMs);
  session.connections.open(streamId, response, from.cursor, policy, [...own, ...from.frames]);
}

function followPost(
  { settings }: EndpointContext,
  session: FollowableSession,
  response: HttpResponse,
  streamId: string,
  offset: number,
  fence: number,
  policy: FollowPolicy,
): void {
  begin(session, response);
  session.connections.open(
    streamId,
    response,
    offset,
    policy,
    positionFrames(session, streamId, offset, fence, settings.retryMs),
  );
}

/** A resumed stream begins with the client's own cursor, so that a resume that brings nothing cannot erase it. */
function positionFrames(
  session: FollowableSession,
  streamId: string,
  offset: number | "end",
  fence: number,
  retryMs: number | undefined,
): readonly string[] {
  return session.primes ? [primingFrame(formatEventId(streamId, offset, fence), retryMs)] : [];
}

/**
 * The offset that a cursor stands for; undefined if the store has lost that event and used its offset again, or never
 * had it.
 */
async function locate(
  { settings }: EndpointContext,
  session: FollowableSession,
  streamId: string,
  head: StreamHead,
  { offset, fence }: Cursor,
): Promise<number | undefined> {
  if (offset === "end" || offset > head.last) return undefined;
  if (fence === 0 || offset < head.oldest) return offset;
  const page = await settings.store.log.read(session.keyOf(streamId), offset - 1, { events: 1, bytes: 1 });
  const lost = page.outcome === "page" && page.events[0] && page.events[0].fence !== fence;
  return lost ? undefined : offset;
}

/** Whether a stream ended by its client's cancellation, and holds no answer that the client has not read. */
async function endedByCancel(
  { settings }: EndpointContext,
  session: FollowableSession,
  streamId: string,
  offset: number | undefined,
): Promise<boolean> {
  const finals = await settings.store.log.finals(session.keyOf(streamId));
  const last = finals.at(-1);
  if (last?.kind !== "control" || parseControl(last).type !== "cancelled") return false;
  return !finals.some((event) => event.kind === "message" && event.offset > (offset ?? 0));
}

function begin(session: FollowableSession, response: HttpResponse): void {
  response.begin(200, { ...SSE_HEADERS, ...session.headers });
}

function finished(reason: string): DurableMcpError {
  return new DurableMcpError("STREAM_FINISHED", `Nothing to resume: ${reason}.`);
}
