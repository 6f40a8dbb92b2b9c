import type { McpEndpointOptions } from "../../src/index.js";
import type { FakeRequest } from "./fake-http.js";
import { callOf } from "./test-session.js";

export const INITIALIZE = {
  jsonrpc: "2.0",
  id: "init",
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } },
};
export const INITIALIZED = { jsonrpc: "2.0", method: "notifications/initialized" };
export const PING = { jsonrpc: "2.0", id: 7, method: "ping" };
/** Stands for the id of a live session. */
export const SESSION = "<a session>";

export interface AnswerRow {
  readonly name: string;
  /** `<a session>` in the headers is replaced by the id of a live one. */
  readonly request: FakeRequest;
  readonly revision?: string;
  readonly options?: Partial<McpEndpointOptions>;
  readonly status: number;
  readonly code?: number;
  /** Id of the JSON-RPC error; null unless given. */
  readonly id?: string | number;
  readonly headers?: Readonly<Record<string, string>>;
}

const mine = { "mcp-session-id": SESSION };
const get = { method: "GET", headers: mine };
/** design.md's table of answers, row by row. */
export const ANSWER_ROWS: readonly AnswerRow[] = [
  {
    name: "Accept without event streams",
    request: { body: INITIALIZE, headers: { accept: "application/json" } },
    status: 406,
    code: -32000,
  },
  {
    name: "Accept without JSON",
    request: { body: INITIALIZE, headers: { accept: "text/event-stream" } },
    status: 406,
    code: -32000,
  },
  {
    name: "no Accept",
    request: { body: INITIALIZE, headers: { accept: undefined } },
    status: 406,
    code: -32000,
  },
  {
    name: "GET that accepts JSON alone",
    request: { method: "GET", headers: { ...mine, accept: "application/json" } },
    status: 406,
    code: -32000,
  },
  {
    name: "Content-Type text",
    request: { body: INITIALIZE, headers: { "content-type": "text/plain" } },
    status: 415,
    code: -32000,
  },
  {
    name: "no Content-Type",
    request: { body: INITIALIZE, headers: { "content-type": undefined } },
    status: 415,
    code: -32000,
  },
  {
    name: "a body over the limit",
    request: { body: INITIALIZE },
    options: { maxBodyBytes: 20 },
    status: 413,
    code: -32000,
  },
  { name: "a body that is not JSON", request: { body: "{", headers: mine }, status: 400, code: -32700 },
  {
    name: "a body that is not UTF-8",
    request: { read: { outcome: "not-utf8" }, headers: mine },
    status: 400,
    code: -32700,
  },
  {
    name: "JSON that is not JSON-RPC",
    request: { body: { hello: 1 }, headers: mine },
    status: 400,
    code: -32600,
  },
  {
    name: "an empty batch",
    request: { body: [], headers: mine },
    revision: "2025-03-26",
    status: 400,
    code: -32600,
  },
  {
    name: "a batch of requests on 2025-06-18",
    request: { body: [PING], headers: mine },
    revision: "2025-06-18",
    status: 400,
    code: -32600,
    id: 7,
  },
  {
    name: "a batch of notifications on 2025-11-25",
    request: { body: [INITIALIZED], headers: mine },
    status: 400,
    code: -32600,
  },
  {
    name: "an id twice in a batch",
    request: { body: [PING, PING], headers: mine },
    revision: "2025-03-26",
    status: 400,
    code: -32600,
  },
  {
    name: "a first message that is not initialize",
    request: { body: PING },
    status: 400,
    code: -32000,
    id: 7,
  },
  { name: "a first notification", request: { body: INITIALIZED }, status: 400, code: -32000 },
  { name: "GET without a session", request: { method: "GET" }, status: 400, code: -32000 },
  { name: "DELETE without a session", request: { method: "DELETE" }, status: 400, code: -32000 },
  {
    name: "POST to an unknown session",
    request: { body: PING, headers: { "mcp-session-id": "x" } },
    status: 404,
    code: -32001,
    id: 7,
  },
  {
    name: "GET of an unknown session",
    request: { method: "GET", headers: { "mcp-session-id": "x" } },
    status: 404,
    code: -32001,
  },
  {
    name: "DELETE of an unknown session",
    request: { method: "DELETE", headers: { "mcp-session-id": "x" } },
    status: 404,
    code: -32001,
  },
  {
    name: "initialize on a live session",
    request: { body: INITIALIZE, headers: mine },
    status: 400,
    code: -32600,
    id: "init",
  },
  {
    name: "initialize twice in a batch",
    request: { body: [INITIALIZE, { ...INITIALIZE, id: 2 }] },
    status: 400,
    code: -32600,
  },
  {
    name: "initialize in a batch of a revision without batches",
    request: { body: [INITIALIZE] },
    status: 400,
    code: -32600,
    id: "init",
  },
  {
    name: "an unsupported MCP-Protocol-Version",
    request: { body: PING, headers: { ...mine, "mcp-protocol-version": "1999-01-01" } },
    status: 400,
    code: -32000,
    id: 7,
  },
  {
    name: "the same on GET",
    request: { method: "GET", headers: { ...mine, "mcp-protocol-version": "1999-01-01" } },
    status: 400,
    code: -32000,
  },
  {
    name: "a supported version that was not negotiated",
    request: { body: PING, headers: { ...mine, "mcp-protocol-version": "2025-03-26" } },
    status: 200,
  },
  {
    name: "a Host that is not allowed",
    request: { body: INITIALIZE, headers: { host: "evil.test:80" } },
    options: { allowedHosts: ["localhost"] },
    status: 403,
    code: -32000,
  },
  {
    name: "an Origin that is not allowed",
    request: { body: INITIALIZE, headers: { origin: "http://evil.test" } },
    status: 403,
    code: -32000,
  },
  { name: "a notification", request: { body: INITIALIZED, headers: mine }, status: 202 },
  {
    name: "a response to nothing",
    request: { body: { jsonrpc: "2.0", id: "1:5", result: {} }, headers: mine },
    status: 202,
  },
  {
    name: "a batch of notifications on 2025-03-26",
    request: { body: [INITIALIZED, INITIALIZED], headers: mine },
    revision: "2025-03-26",
    status: 202,
  },
  {
    name: "one session more than the caller may have",
    request: { body: INITIALIZE },
    options: { maxSessionsPerPrincipal: 1 },
    status: 429,
    code: -31013,
    id: "init",
    headers: { "retry-after": "2" },
  },
  {
    name: "one session more than there may be",
    request: { body: INITIALIZE },
    options: { maxSessions: 1 },
    status: 429,
    code: -31013,
    id: "init",
    headers: { "retry-after": "2" },
  },
  {
    name: "one request more than a session may have in flight",
    request: { body: [callOf(1), callOf(2)], headers: mine },
    options: { maxCallsPerSession: 1 },
    revision: "2025-03-26",
    status: 429,
    code: -31014,
    headers: { "retry-after": "2" },
  },
  {
    name: "a cursor that is none",
    request: { method: "GET", headers: { ...mine, "last-event-id": "?" } },
    status: 405,
    code: -32000,
    headers: { allow: "GET, POST, DELETE" },
  },
  {
    name: "a terminal cursor",
    request: { method: "GET", headers: { ...mine, "last-event-id": "p.n.1.end.0" } },
    status: 405,
    code: -32000,
    headers: { allow: "GET, POST, DELETE" },
  },
  {
    name: "another verb",
    request: { method: "PUT", headers: mine },
    status: 405,
    code: -32000,
    headers: { allow: "GET, POST, DELETE" },
  },
  { name: "DELETE", request: { method: "DELETE", headers: mine }, status: 200 },
  {
    name: "an authenticated request without the principal option",
    request: { body: INITIALIZE, authInfo: { token: "t" } },
    status: 500,
    code: -32603,
  },
  {
    name: "GET",
    request: get,
    status: 200,
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
      "mcp-session-id": SESSION,
    },
  },
  {
    name: "a request",
    request: { body: PING, headers: mine },
    status: 200,
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
      "mcp-session-id": SESSION,
    },
  },
  {
    name: "a body that somebody has read",
    request: { read: { outcome: "drained" } },
    status: 500,
    code: -32603,
  },
  {
    name: "a body that is encoded",
    request: { read: { outcome: "unsupported", header: "Content-Encoding" } },
    status: 415,
    code: -32000,
  },
];
