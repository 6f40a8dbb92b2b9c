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

/**
 * Whether a parsed JSON value is one JSON-RPC message as MCP allows it: object params, ids that are strings or integers, a
 * `_meta` of the form that MCP defines. The SDKs' server objects never answer a request of any other form.
 */
export function isMessage(value: unknown): value is JsonRpcMessage {
  if (!isObject(value) || value.jsonrpc !== "2.0") return false;
  const has = (name: string) => Object.hasOwn(value, name);
  if (has("method")) {
    if (typeof value.method !== "string" || has("result") || has("error")) return false;
    if (has("params") && !(isObject(value.params) && hasUsableMeta(value.params))) return false;
    return !has("id") || isUsableId(value.id);
  }
  if (has("result")) {
    return !has("error") && isObject(value.result) && hasUsableMeta(value.result) && isUsableId(value.id);
  }
  if (!isObject(value.error)) return false;
  const { code, message } = value.error;
  const idFits = !has("id") || value.id === null || isUsableId(value.id);
  return Number.isSafeInteger(code) && typeof message === "string" && idFits;
}

const RELATED_TASK = "io.modelcontextprotocol/related-task";

/** Source:  MCP 2025-11-25, schema: RequestParams._meta, RelatedTaskMetadata */
function hasUsableMeta(params: Record<string, unknown>): boolean {
  if (!Object.hasOwn(params, "_meta")) return true;
  const meta = params._meta;
  if (!isObject(meta)) return false;
  const task = meta[RELATED_TASK];
  if (Object.hasOwn(meta, "progressToken") && !isRequestId(meta.progressToken)) return false;
  return !Object.hasOwn(meta, RELATED_TASK) || (isObject(task) && typeof task.taskId === "string");
}

const MEMBERS = ["jsonrpc", "id", "method", "params", "result", "error"] as const;

/** The message without the members that JSON-RPC does not know: to the SDKs' server objects they would make it none. */
export function withoutStrangers(message: JsonRpcMessage): JsonRpcMessage {
  const own = MEMBERS.filter((name) => Object.hasOwn(message, name));
  if (own.length === Object.keys(message).length) return message;
  return Object.fromEntries(own.map((name) => [name, message[name as keyof JsonRpcMessage]])) as never;
}

/** How many arrays and objects a parsed JSON value has; undefined if more than `levels` of them are inside each other. */
export function containersIn(value: unknown, levels: number): number | undefined {
  if (typeof value !== "object" || value === null) return 0;
  if (levels === 0) return undefined;
  let count = 1;
  for (const member of Object.values(value)) {
    const inner = containersIn(member, levels - 1);
    if (inner === undefined) return undefined;
    count += inner;
  }
  return count;
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
