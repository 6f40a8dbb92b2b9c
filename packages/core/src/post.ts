import { DurableMcpError, formatEventId, formatStreamId, type RequestId } from "@durable-mcp/contract";
import { asDurableMcpError, type Refuse, sendStatus } from "./answers.js";
import type { CallTable, Reply } from "./calls.js";
import type { EndpointContext } from "./endpoint-context.js";
import { PostPolicy } from "./follow-policies.js";
import { checkAccepts, checkContentType } from "./guards.js";
import type { HttpRequest, HttpResponse } from "./http.js";
import { JsonReply } from "./json-reply.js";
import { isRequest, type JsonRpcRequest, sameJson } from "./json-rpc.js";
import { extraOf, extraOfRequest } from "./message-extra.js";
import { type Payload, parsePayload } from "./payload.js";
import { randomName } from "./random-name.js";
import { checkScopes } from "./scope-challenge.js";
import type { Session } from "./session.js";
import { type SessionAccess, sessionNotFound } from "./session-access.js";
import { primingFrame, SSE_HEADERS } from "./sse.js";
import { StreamReply } from "./stream-reply.js";

/**
 * POST: messages of the client. Requests are answered on a stream of their own (or in one JSON body), anything else
 * with 202 once what it changes is stored.
 *
 * Source:  MCP 2025-11-25, Sending Messages to the Server
 */
export async function handlePost(
  context: EndpointContext,
  access: SessionAccess,
  request: HttpRequest,
  response: HttpResponse,
  refuse: Refuse,
): Promise<void> {
  checkAccepts(request.headers.accept, ["application/json", "text/event-stream"]);
  checkContentType(request.headers["content-type"]);
  const payload = await parsePayload(request, context.settings);
  if (!payload) return;
  const requests = payload.messages.filter(isRequest);
  try {
    const session = await access.forMessages(request, payload);
    if (requests.length > 0)
      return await answerRequests(context, session, request, response, payload, requests);
    for (const message of payload.messages) await session.incoming.receive(message, extraOf(request));
    sendStatus(response, 202, session.headers);
  } catch (error) {
    const onlyId = payload.messages.length === 1 ? requests[0]?.id : undefined;
    refuse(error, onlyId ?? null);
  }
}

async function answerRequests(
  context: EndpointContext,
  session: Session,
  request: HttpRequest,
  response: HttpResponse,
  payload: Payload,
  requests: readonly JsonRpcRequest[],
): Promise<void> {
  const ids = requests.map(({ id }) => id);
  if (new Set(ids).size < ids.length) {
    throw new DurableMcpError("INVALID_REQUEST", "Invalid Request: a batch uses the same id twice");
  }
  await checkScopes(requests, request.authInfo, session.transport.scopeChallenge);
  // Whoever decides about scopes may take its time.
  if (session.released) throw sessionNotFound();
  const joined = replyInFlight(session, requests);
  if (joined instanceof StreamReply) {
    beginStream(context, session, response, joined.streamId, ids, false);
    return;
  }
  refuseOverload(session.calls, payload, requests.length, context.settings.maxCallsPerSession);
  const reply = context.settings.enableJsonResponse
    ? new JsonReply(response, session.headers, session.calls, requests, payload.batch)
    : session.openReply(formatStreamId({ kind: "post", nonce: randomName(9), requestIds: ids }), ids);
  const extra = extraOfRequest(request, session, reply);
  const weight = payload.weight / requests.length;
  const cancelled = requests.filter(
    (one) => !session.calls.begin({ request: one, reply, weight }, Date.now()),
  );
  if (reply instanceof StreamReply && (context.settings.onInterrupted || !context.idsTravel(reply.streamId)))
    await storeRequests(session, reply, requests);
  for (const { id } of cancelled) await reply.cancel(id);
  const isNew = cancelled.length === 0;
  if (reply instanceof StreamReply) beginStream(context, session, response, reply.streamId, ids, isNew);
  try {
    for (const message of payload.messages) {
      const isOver = isRequest(message) && session.calls.get(message.id)?.reply !== reply;
      if (!isOver) await session.incoming.receive(message, extra);
    }
  } catch (error) {
    reply.fail(asDurableMcpError(error));
  }
}

/** About how many bytes of memory the requests in flight of a session may take (G7); a single one may always come. */
const MAX_WEIGHT_IN_FLIGHT = 64 * 1024 * 1024;

/** Errors:  TOO_MANY_CALLS (429) */
function refuseOverload(calls: CallTable, { weight }: Payload, added: number, maxCalls: number): void {
  const isHeavy = calls.size > 0 && calls.weight + weight > MAX_WEIGHT_IN_FLIGHT;
  if (calls.size + added <= maxCalls && !isHeavy) return;
  throw new DurableMcpError(
    "TOO_MANY_CALLS",
    `This session has ${calls.size} requests in flight${isHeavy ? ", large ones" : ""}; wait for some.`,
  );
}

/** A request that cannot be stored is not dispatched. */
async function storeRequests(
  session: Session,
  reply: StreamReply,
  requests: readonly JsonRpcRequest[],
): Promise<void> {
  try {
    await reply.storeRequests(requests);
  } catch (error) {
    for (const { id } of requests) session.calls.finish(id, reply);
    throw error;
  }
}

/**
 * The reply that already answers these very requests: a client's or proxy's retry joins it.
 *
 * Errors:  INVALID_REQUEST if an id is in flight for something else, or the first one is answered with JSON
 */
function replyInFlight(session: Session, requests: readonly JsonRpcRequest[]): Reply | undefined {
  const calls = requests.map(({ id }) => session.calls.get(id));
  const [first] = calls;
  if (calls.every((call) => call === undefined)) return undefined;
  const same = calls.every(
    (call, index) => call?.reply === first?.reply && sameJson(call?.request, requests[index]),
  );
  if (same && first?.reply instanceof StreamReply) return first.reply;
  throw new DurableMcpError(
    "INVALID_REQUEST",
    "Invalid Request: the id of a request is in use by another request in flight",
  );
}

function beginStream(
  { settings }: EndpointContext,
  session: Session,
  response: HttpResponse,
  streamId: string,
  ids: readonly RequestId[],
  isNew: boolean,
): void {
  response.begin(200, { ...SSE_HEADERS, ...session.headers });
  const policy = new PostPolicy(settings.store.log, session.keyOf(streamId), ids, session.fatesOn(streamId));
  session.connections.open(
    streamId,
    response,
    0,
    policy,
    session.primes ? [primingFrame(formatEventId(streamId, 0, 0), settings.retryMs)] : [],
    isNew,
  );
}
