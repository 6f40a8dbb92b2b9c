import { sendStatus } from "./answers.js";
import type { EndpointContext } from "./endpoint-context.js";
import type { HttpRequest, HttpResponse } from "./http.js";
import { sendJson } from "./json-reply.js";
import type { JsonRpcRequest } from "./json-rpc.js";
import type { Payload } from "./payload.js";
import { beginStream } from "./post-stream.js";
import type { RemoteSession } from "./remote-session.js";

/**
 * A POST for a session that another node owns: the owner takes its messages, and answers them on a stream that is
 * followed here. The answer begins when the owner has taken them, so that its status is the owner's.
 *
 * Source:  G5
 */
export async function forwardMessages(
  context: EndpointContext,
  session: RemoteSession,
  request: HttpRequest,
  response: HttpResponse,
  payload: Payload,
  requests: readonly JsonRpcRequest[],
): Promise<void> {
  const ids = requests.map(({ id }) => id);
  const { streamId, first, watch } = await session.toOwner.post(request, payload, ids);
  if (requests.length === 0) return sendStatus(response, 202, session.headers);
  if (context.settings.enableJsonResponse) {
    watch?.stop();
    return sendJson(response, session.headers, await session.toOwner.responses(streamId), payload.batch);
  }
  if (!first) await session.beforeFollowing(streamId, ids, undefined);
  beginStream(context, session, response, streamId, ids, { watch });
  if (first) session.connections.deliver(streamId, first);
}
