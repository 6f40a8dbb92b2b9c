import { formatEventId, type RequestId } from "@durable-mcp/contract";
import type { EndpointContext } from "./endpoint-context.js";
import { PostPolicy } from "./follow-policies.js";
import type { FollowableSession } from "./followable-session.js";
import type { HttpResponse } from "./http.js";
import { primingFrame, SSE_HEADERS } from "./sse.js";
import type { OpeningOptions } from "./stream-connections.js";

/** Begins the answer to a POST: its stream from the start. */
export function beginStream(
  { settings }: EndpointContext,
  session: FollowableSession,
  response: HttpResponse,
  streamId: string,
  ids: readonly RequestId[],
  opening: OpeningOptions = {},
): void {
  response.begin(200, { ...SSE_HEADERS, ...session.headers });
  const policy = new PostPolicy(settings.store.log, session.keyOf(streamId), ids, session.fatesOn(streamId));
  session.connections.open(
    streamId,
    response,
    0,
    policy,
    session.primes ? [primingFrame(formatEventId(streamId, 0, 0), settings.retryMs)] : [],
    opening,
  );
}
