import { isRequestId, type RequestId } from "@durable-mcp/contract";

export interface JsonRpcRequest {
  readonly jsonrpc: "2.0";
  readonly id: RequestId;
  readonly method: string;
  readonly params?: JsonRpcParams | undefined;
}

export interface JsonRpcNotification {
  readonly jsonrpc: "2.0";
  readonly method: string;
  readonly params?: JsonRpcParams | undefined;
}

interface JsonRpcResult {
  readonly jsonrpc: "2.0";
  readonly id: RequestId;
  readonly result: Record<string, unknown>;
}

export interface JsonRpcError {
  readonly jsonrpc: "2.0";
  readonly id?: RequestId | null | undefined;
  readonly error: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export type JsonRpcParams = Readonly<Record<string, unknown>>;
export type JsonRpcResponse = JsonRpcResult | JsonRpcError;
export type JsonRpcMessage = JsonRpcRequest | JsonRpcNotification | JsonRpcResponse;

export function isRequest(message: JsonRpcMessage): message is JsonRpcRequest {
  return "method" in message && "id" in message;
}

export function isResponse(message: JsonRpcMessage): message is JsonRpcResponse {
  return !("method" in message);
}

/** Most characters of a request id: ids are kept, and repeated in event ids. */
const MAX_ID_LENGTH = 1_024;

/** Whether a value can be the id of a request here. */
export function isUsableId(value: unknown): value is RequestId {
  return isRequestId(value) && String(value).length <= MAX_ID_LENGTH;
}

/** Whether a parsed JSON value is one JSON-RPC message as MCP allows it: object params, ids that are strings or numbers. */
export function isMessage(value: unknown): value is JsonRpcMessage {
  if (!isObject(value) || value.jsonrpc !== "2.0") return false;
  const has = (name: string) => Object.hasOwn(value, name);
  if (has("method")) {
    if (typeof value.method !== "string" || has("result") || has("error")) return false;
    if (has("params") && !isObject(value.params)) return false;
    return !has("id") || isUsableId(value.id);
  }
  if (has("result")) return !has("error") && isObject(value.result) && isUsableId(value.id);
  if (!isObject(value.error)) return false;
  const { code, message } = value.error;
  const idFits = !has("id") || value.id === null || isUsableId(value.id);
  return Number.isSafeInteger(code) && typeof message === "string" && idFits;
}

/** A JSON-RPC error response. */
export function errorResponse(
  id: RequestId | null,
  code: number,
  message: string,
  data?: unknown,
): JsonRpcError {
  return { jsonrpc: "2.0", id, error: { code, message, ...(data === undefined ? {} : { data }) } };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether two JSON values are the same, whatever the order of their members. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
  );
}
