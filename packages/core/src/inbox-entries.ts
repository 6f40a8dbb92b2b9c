import { DurableMcpError, type EventInput } from "@durable-mcp/contract";
import { z } from "zod";
import type { HttpRequest } from "./http.js";
import { isObject, type JsonRpcMessage } from "./json-rpc.js";

/** What other nodes have to say to a session's owner; clients cannot name it, since it is no stream of theirs. */
export const INBOX_STREAM_ID = "inbox";

/** What is known of the HTTP request that carried a message. */
export type CarryingRequest = Pick<HttpRequest, "method" | "headers" | "url" | "secure" | "authInfo">;

const requestIds = z.array(z.union([z.string(), z.number()]));

/** What was written by a node of this version; what it holds is checked where it is used. */
const entrySchema = z.discriminatedUnion("type", [
  /** Messages of a client, and the stream on which they are answered. */
  z.object({
    type: z.literal("post"),
    streamId: z.string(),
    messages: z.array(z.custom<JsonRpcMessage>(isObject)),
    weight: z.number(),
    request: z.custom<CarryingRequest>(isObject),
    /** Its position before an owner has given it back for the next one. */
    position: z.number().optional(),
    /** Whether the `resource` of the request's authInfo was a URL, as the SDKs have it. */
    resourceIsUrl: z.boolean(),
  }),
  /** A connection of another node follows a stream from now on, and waits for the answers to these requests. */
  z.object({
    type: z.literal("follow"),
    streamId: z.string(),
    requestIds,
    position: z.number().optional(),
  }),
  /** The client has ended the session: from now on nothing of it is served. It is said on that stream when this is so. */
  z.object({ type: z.literal("stop"), streamId: z.string() }),
  /** The client has got as far as this offset of the GET stream. */
  z.object({ type: z.literal("delivered"), offset: z.number() }),
]);

export type InboxEntry = z.infer<typeof entrySchema>;
export type PostEntry = Extract<InboxEntry, { type: "post" }>;

/** The entry for the messages of a POST. It holds credentials: it is short-lived, and never in a log. */
export function postEntry(
  streamId: string,
  messages: readonly JsonRpcMessage[],
  weight: number,
  { method, headers, url, secure, authInfo }: CarryingRequest,
): PostEntry {
  return {
    type: "post",
    streamId,
    messages: [...messages],
    weight,
    request: { method, headers, url, ...(secure && { secure }), ...(authInfo !== undefined && { authInfo }) },
    resourceIsUrl: isObject(authInfo) && authInfo.resource instanceof URL,
  };
}

/**
 * Reads an entry.
 *
 * Errors:  STORE_CORRUPT if it is none of ours; what it holds is not repeated
 */
export function parseEntry(payload: string): InboxEntry {
  const parsed = entrySchema.safeParse(asJson(payload));
  if (!parsed.success) throw unreadable();
  return revived(parsed.data);
}

/** The event that gives an entry back to the inbox; those to whom it matters go on knowing it by its old position. */
export function givenBack(entry: InboxEntry, position: number): EventInput {
  return { kind: "control", payload: JSON.stringify({ position, ...entry }) };
}

/** With what JSON has made of its authInfo made good. */
function revived(entry: InboxEntry): InboxEntry {
  if (entry.type !== "post" || !entry.resourceIsUrl) return entry;
  const { authInfo } = entry.request;
  if (!isObject(authInfo) || typeof authInfo.resource !== "string") return entry;
  if (!URL.canParse(authInfo.resource)) throw unreadable();
  const withUrl = { ...authInfo, resource: new URL(authInfo.resource) };
  return { ...entry, request: { ...entry.request, authInfo: withUrl } };
}

/** The error of JSON.parse would say what it has read. */
function asJson(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

function unreadable(): DurableMcpError {
  return new DurableMcpError("STORE_CORRUPT", "An entry of an inbox cannot be read.");
}
