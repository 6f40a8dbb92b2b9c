import type { RawRequest } from "../support/raw-http.js";
import { SseFollower } from "../support/sse-follower.js";

/** The parameters of an initialize request. */
export function initialize(protocolVersion = "2025-11-25") {
  const clientInfo = { name: "raw", version: "1.0.0" };
  return {
    jsonrpc: "2.0",
    id: "init",
    method: "initialize",
    params: { protocolVersion, capabilities: {}, clientInfo },
  };
}

/** A request that every server answers. */
export function ping(id: string | number) {
  return { jsonrpc: "2.0", id, method: "ping" };
}

/** A call of a tool of the commanded server. */
export function toolCall(id: string | number, name = "work", args: Readonly<Record<string, unknown>> = {}) {
  return { jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: args } };
}

/**
 * What a request is answered with, in short: `stream`, or the status, and of a JSON-RPC error its code and id. A stream
 * is not read.
 */
export async function answerTo(url: string, request: RawRequest): Promise<string> {
  const answer = await SseFollower.open(url, request);
  if (answer.header("content-type") === "text/event-stream") {
    answer.cut();
    return answer.status === 200 ? "stream" : `${answer.status} stream`;
  }
  await answer.untilOver();
  return inShort(answer.status, answer.body);
}

/** The same for a body that is not to be written as JSON. */
export async function answerToBytes(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      ...headers,
    },
    body,
  });
  const text = await response.text();
  return response.headers.get("content-type") === "text/event-stream"
    ? "stream"
    : inShort(response.status, text);
}

function inShort(status: number, body: string): string {
  if (!body.startsWith("{")) return `${status}${body.startsWith("[") ? " array" : ""}`;
  const { error, id } = JSON.parse(body);
  return error ? `${status} ${error.code} id=${id}` : `${status} object`;
}
