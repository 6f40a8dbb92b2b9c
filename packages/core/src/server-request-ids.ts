import type { RequestId } from "@durable-mcp/contract";
import { isObject, isRequest, isResponse, type JsonRpcMessage } from "./json-rpc.js";

/**
 * The server's own requests carry ids that count from 0 in every new server object. On the wire they become
 * `<fence>:<id>`, so that an answer meant for a server object that is gone is never taken for another's.
 * The same holds for progress tokens and for the ids that a cancellation names.
 */
export function toWireId(fence: number, id: RequestId): string {
  return `${fence}:${JSON.stringify(id)}`;
}

/** Reads a wire id; undefined if it is none of ours. */
export function fromWireId(wireId: unknown): { readonly fence: number; readonly id: RequestId } | undefined {
  const parts = typeof wireId === "string" ? /^([1-9]\d*):(.+)$/s.exec(wireId) : null;
  if (!parts?.[2]) return undefined;
  try {
    const id: unknown = JSON.parse(parts[2]);
    if (typeof id !== "string" && typeof id !== "number") return undefined;
    const fence = Number(parts[1]);
    // Other spellings of an id are none of ours.
    return toWireId(fence, id) === wireId ? { fence, id } : undefined;
  } catch {
    return undefined;
  }
}

/** What the server says, as it goes on the wire. */
export function toWire(message: JsonRpcMessage, fence: number): JsonRpcMessage {
  if (isResponse(message)) return message;
  if (isRequest(message)) {
    const meta = message.params?._meta;
    const token = isObject(meta) ? meta.progressToken : undefined;
    const mapped = { ...message, id: toWireId(fence, message.id) };
    if (!isObject(meta) || !isId(token)) return mapped;
    return {
      ...mapped,
      params: { ...message.params, _meta: { ...meta, progressToken: toWireId(fence, token) } },
    };
  }
  const cancelled = message.method === "notifications/cancelled" ? message.params?.requestId : undefined;
  if (!isId(cancelled)) return message;
  return { ...message, params: { ...message.params, requestId: toWireId(fence, cancelled) } };
}

/**
 * What the client says, as the server understands it.
 *
 * Returns: undefined for an answer or progress that is meant for an earlier server object, or for nobody
 */
export function fromWire(message: JsonRpcMessage, fence: number): JsonRpcMessage | undefined {
  if (isResponse(message)) {
    const own = fromWireId(message.id);
    return own?.fence === fence ? { ...message, id: own.id } : undefined;
  }
  if (isRequest(message) || message.method !== "notifications/progress") return message;
  const own = fromWireId(message.params?.progressToken);
  if (own?.fence !== fence) return undefined;
  return { ...message, params: { ...message.params, progressToken: own.id } };
}

function isId(value: unknown): value is RequestId {
  return typeof value === "string" || typeof value === "number";
}
