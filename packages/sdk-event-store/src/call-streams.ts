import type { EventLog, StreamKey } from "@durable-mcp/contract";

/** The one stream of a session that belongs to no call, as both SDKs name it. */
const GET_STREAM_ID = "_GET_stream";

/** Streams that began last: one of them may be a batch's, with more answers to come. */
const NEWEST_KEPT = 50;
const MAX_UNANSWERED = 1_000;

/**
 * Ends streams of calls that will hardly be written to again, so that the store's retention can forget them: the SDK's
 * interface never says that a stream has ended. An ended stream can be replayed like any other.
 *
 * Returns: once for 50 streams that began; otherwise there is nothing to do
 * Source:  G7
 */
export async function endFinishedCalls(log: EventLog, sessionId: string): Promise<void> {
  const calls = (await log.openStreams(sessionId)).filter((streamId) => streamId !== GET_STREAM_ID);
  if (calls.length <= NEWEST_KEPT || calls.length % NEWEST_KEPT !== 0) return;
  const unanswered: StreamKey[] = [];
  for (const streamId of calls.slice(0, -NEWEST_KEPT)) {
    const key = { sessionId, streamId };
    if ((await log.finals(key)).length === 0) unanswered.push(key);
    else await log.append(key, [], { end: true });
  }
  // Cancelled, left behind by a process that died, or too many.
  for (const key of unanswered.slice(0, -MAX_UNANSWERED)) await log.append(key, [], { end: true });
}
