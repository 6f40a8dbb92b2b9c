import { formatStreamId } from "@durable-mcp/contract";
import { type Refuse, sendStatus } from "./answers.js";
import { admit, dispatch } from "./dispatch.js";
import type { EndpointContext } from "./endpoint-context.js";
import { forwardMessages } from "./forwarded-post.js";
import { checkAccepts, checkContentType } from "./guards.js";
import type { HttpRequest, HttpResponse } from "./http.js";
import { JsonReply } from "./json-reply.js";
import { isRequest, type JsonRpcRequest } from "./json-rpc.js";
import { extraOf, extraOfRequest } from "./message-extra.js";
import { type Payload, parsePayload } from "./payload.js";
import { beginStream } from "./post-stream.js";
import { randomName } from "./random-name.js";
import { RemoteSession } from "./remote-session.js";
import type { Session } from "./session.js";
import type { SessionAccess } from "./session-access.js";
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
    if (session instanceof RemoteSession)
      return await forwardMessages(context, session, request, response, payload, requests);
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
  const { messages, weight, batch } = payload;
  const openReply = () =>
    context.settings.enableJsonResponse
      ? new JsonReply(response, session.headers, session.calls, requests, batch)
      : session.openReply(formatStreamId({ kind: "post", nonce: randomName(9), requestIds: ids }), ids);
  const received = { messages, weight, authInfo: request.authInfo };
  const admission = await admit(context.settings, session, received, openReply);
  if (admission.joined) {
    const { streamId } = admission.joined;
    await session.beforeFollowing(streamId, ids, undefined);
    beginStream(context, session, response, streamId, ids);
    return;
  }
  const { reply, isCancelled } = admission;
  if (reply instanceof StreamReply)
    beginStream(context, session, response, reply.streamId, ids, { isNew: !isCancelled });
  await dispatch(session, reply, messages, extraOfRequest(request, session, reply));
}
