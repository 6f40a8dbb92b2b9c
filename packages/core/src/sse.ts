/** Headers of an SSE answer: no cache and no proxy may hold it back or change it. */
export const SSE_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
} as const;

/** A message. `data` is one line, as JSON.stringify makes it; without an id the client's cursor stays where it was. */
export function messageFrame(eventId: string | undefined, data: string): string {
  return eventId === undefined
    ? `event: message\ndata: ${data}\n\n`
    : `event: message\nid: ${eventId}\ndata: ${data}\n\n`;
}

/**
 * Gives the client a cursor, and its reconnection time in ms, without a message.
 *
 * Source:  MCP 2025-11-25, Sending Messages to the Server (priming); older clients cannot parse the empty data
 */
export function primingFrame(eventId: string, retryMs: number | undefined): string {
  return `id: ${eventId}\n${retryMs === undefined ? "" : `retry: ${retryMs}\n`}data: \n\n`;
}

/** Sets the client's reconnection time in ms; undefined leaves it as it is. */
export function retryFrame(retryMs: number | undefined): string {
  return retryMs === undefined ? "" : `retry: ${retryMs}\n\n`;
}

/** A comment that keeps idle connections open. */
export const KEEP_ALIVE_FRAME = ": keep-alive\n\n";
