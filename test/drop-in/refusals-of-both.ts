import type { RawRequest } from "../support/raw-http.js";
import { initialize, ping } from "./ask.js";
import type { Options } from "./served-transport.js";

/** A request that is refused. */
export interface Refusal {
  readonly when: string;
  readonly options?: Options;
  /** What is asked in the session, or before it is opened. */
  readonly before?: true;
  readonly request: RawRequest;
  readonly answer: string;
}

export const hosts = { enableDnsRebindingProtection: true, allowedHosts: ["good.example:80"] };
export const origins = { enableDnsRebindingProtection: true, allowedOrigins: ["https://good.example"] };

/** What either class refuses, with the same status and code. Requests are notifications where an id would show. */
export const REFUSALS: readonly Refusal[] = [
  {
    when: "the POST accepts no stream",
    request: post({ accept: "application/json" }),
    answer: "406 -32000 id=null",
  },
  {
    when: "the POST accepts no JSON",
    request: post({ accept: "text/event-stream" }),
    answer: "406 -32000 id=null",
  },
  {
    when: "the GET accepts no stream",
    request: get({ accept: "application/json" }),
    answer: "406 -32000 id=null",
  },
  {
    when: "the body is not declared as JSON",
    request: post({ "content-type": "text/plain" }),
    answer: "415 -32000 id=null",
  },
  {
    when: "the body is larger than allowed",
    options: { maxRequestBodySize: 300 },
    request: post({}, { text: "x".repeat(300) }),
    answer: "413 -32000 id=null",
  },
  { when: "initialize has not come yet", before: true, request: post({}), answer: "400 -32000 id=null" },
  { when: "a GET comes before initialize", before: true, request: get({}), answer: "400 -32000 id=null" },
  {
    when: "a DELETE comes before initialize",
    before: true,
    request: { method: "DELETE" },
    answer: "400 -32000 id=null",
  },
  {
    when: "the POST names no session",
    request: post({ "mcp-session-id": "" }),
    answer: "400 -32000 id=null",
  },
  {
    when: "the POST names another session",
    request: post({ "mcp-session-id": "other" }),
    answer: "404 -32001 id=null",
  },
  {
    when: "the GET names another session",
    request: get({ "mcp-session-id": "other" }),
    answer: "404 -32001 id=null",
  },
  {
    when: "the DELETE names another session",
    request: { method: "DELETE", headers: { "mcp-session-id": "other" } },
    answer: "404 -32001 id=null",
  },
  {
    when: "the POST's revision is not known",
    request: post({ "mcp-protocol-version": "1999-01-01" }),
    answer: "400 -32000 id=null",
  },
  {
    when: "the GET's revision is not known",
    request: get({ "mcp-protocol-version": "1999-01-01" }),
    answer: "400 -32000 id=null",
  },
  {
    when: "the DELETE's revision is not known",
    request: { method: "DELETE", headers: { "mcp-protocol-version": "1999-01-01" } },
    answer: "400 -32000 id=null",
  },
  {
    when: "initialize does not come alone",
    before: true,
    request: { method: "POST", body: [initialize(), ping(1)] },
    answer: "400 -32600 id=null",
  },
  {
    when: "a batch has more than 100 messages",
    request: { method: "POST", body: Array.from({ length: 101 }, () => notification({})) },
    answer: "400 -32600 id=null",
  },
  { when: "the method is PUT", request: { method: "PUT" }, answer: "405 -32000 id=null" },
  {
    when: "the Host header is not allowed",
    options: hosts,
    before: true,
    request: post({ host: "evil.example" }),
    answer: "403 -32000 id=null",
  },
  {
    when: "the Host header is allowed with another port",
    options: hosts,
    before: true,
    request: get({ host: "good.example:81" }),
    answer: "403 -32000 id=null",
  },
  {
    when: "the Origin header is not allowed",
    options: origins,
    before: true,
    request: post({ origin: "https://evil.example" }),
    answer: "403 -32000 id=null",
  },
];

function notification(params: object) {
  return { jsonrpc: "2.0", method: "notifications/message", params };
}

function post(headers: Record<string, string>, params = {}): RawRequest {
  return { method: "POST", headers, body: notification(params) };
}

function get(headers: Record<string, string>): RawRequest {
  return { method: "GET", headers };
}
