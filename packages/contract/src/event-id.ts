/** A JSON-RPC request id. */
export type RequestId = string | number;

/**
 * The two kinds of stream that a client can follow: the session's GET stream, and one per POST that carries requests.
 * `requestIds` are the JSON-RPC ids that a POST stream answers; undefined where they are too long to travel in an id.
 */
export type StreamName =
  | { readonly kind: "get" }
  | { readonly kind: "post"; readonly nonce: string; readonly requestIds?: readonly RequestId[] };

/** A position in a stream, as an SSE event id carries it. Means something only inside its own session (G3). */
export interface Cursor {
  readonly stream: StreamName;
  /** Offset of the event; 0 = before the first (priming); "end" = the stream's terminal cursor. */
  readonly offset: number | "end";
  /** Fence under which the event was written, so that an offset used again after a loss is recognised; 0 = none. */
  readonly fence: number;
}

/** Request ids that need more characters than this, percent-encoded, do not travel in the event id. */
const MAX_IDS_LENGTH = 256;

const GET_ID = "g";
const EVENT_ID = /^(?<stream>.+)\.(?<offset>0|[1-9]\d{0,15}|end)\.(?<fence>0|[1-9]\d{0,15})$/;
const POST_ID = /^p\.(?<nonce>[A-Za-z0-9_-]{1,64})\.(?<ids>.*)$/;

/**
 * The stream's id in the store, which its event ids begin with. Visible ASCII, whatever the request ids are.
 *
 * Shapes:  nonce: 1-64 characters of A-Z a-z 0-9 _ -
 */
export function formatStreamId(stream: StreamName): string {
  if (stream.kind === "get") return GET_ID;
  const ids = JSON.stringify(stream.requestIds ?? []).slice(1, -1);
  const encoded = encodeURIComponent(ids);
  return `p.${stream.nonce}.${encoded.length <= MAX_IDS_LENGTH ? encoded : ""}`;
}

/** The stream that a store's stream id names; undefined if it is none that a client can follow. */
export function parseStreamId(streamId: string): StreamName | undefined {
  if (streamId === GET_ID) return { kind: "get" };
  const groups = POST_ID.exec(streamId)?.groups;
  if (groups?.nonce === undefined || groups.ids === undefined) return undefined;
  if (groups.ids === "") return { kind: "post", nonce: groups.nonce };
  const requestIds = parseRequestIds(groups.ids);
  if (!requestIds) return undefined;
  const stream: StreamName = { kind: "post", nonce: groups.nonce, requestIds };
  // Other encodings of the same ids are none of ours: a stream has one id.
  return formatStreamId(stream) === streamId ? stream : undefined;
}

/** The SSE event id of a position. `streamId` as `formatStreamId` made it. */
export function formatEventId(streamId: string, offset: number | "end", fence: number): string {
  return `${streamId}.${offset}.${fence}`;
}

/** Reads an SSE event id; undefined if it is not one of ours. */
export function parseEventId(eventId: string): Cursor | undefined {
  const groups = EVENT_ID.exec(eventId)?.groups;
  const stream = groups?.stream === undefined ? undefined : parseStreamId(groups.stream);
  if (!groups || !stream) return undefined;
  const offset = groups.offset === "end" ? "end" : Number(groups.offset);
  const fence = Number(groups.fence);
  if (!Number.isSafeInteger(fence) || (offset !== "end" && !Number.isSafeInteger(offset))) return undefined;
  return { stream, offset, fence };
}

function parseRequestIds(encoded: string): readonly RequestId[] | undefined {
  if (encoded.length > MAX_IDS_LENGTH) return undefined;
  try {
    const ids: unknown = JSON.parse(`[${decodeURIComponent(encoded)}]`);
    const valid = Array.isArray(ids) && ids.length > 0 && ids.every(isRequestId);
    return valid ? ids : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value can be a JSON-RPC request id in MCP: a string or an integer that can be told from its neighbours. */
export function isRequestId(value: unknown): value is RequestId {
  return typeof value === "string" || Number.isSafeInteger(value);
}
