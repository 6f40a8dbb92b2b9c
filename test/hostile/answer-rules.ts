import { rowOf } from "./answer-table.js";
import type { HttpAnswer } from "./http-answers.js";
import { checkSse } from "./sse-rules.js";

const OUR_HEADERS: ReadonlySet<string> = new Set([
  "allow",
  "cache-control",
  "connection",
  "content-length",
  "content-type",
  "date",
  "keep-alive",
  "mcp-session-id",
  "retry-after",
  "transfer-encoding",
  "x-accel-buffering",
]);
/** Statuses with which node:http refuses, without a body, what never reaches the endpoint. */
const REFUSED_BY_NODE: ReadonlySet<number> = new Set([400, 408, 413, 417, 431]);
const INTERNAL_MESSAGE = "Internal error; the server's log says more.";

/**
 * What holds of every answer, whatever was asked: nothing of ours fails, every refusal is the JSON-RPC error of the one
 * table, and nothing of a request gets into the head or between the events of an answer.
 *
 * Errors:  one that quotes the answer
 */
export function checkAnswer(answer: HttpAnswer): void {
  try {
    const { status, headers, body } = answer;
    const stranger = Object.keys(headers).find((name) => !OUR_HEADERS.has(name));
    if (stranger !== undefined) throw new Error(`a header of nobody's: ${stranger}`);
    if (status >= 500 && status !== 503) throw new Error("a fault of the server");
    if (body.includes(INTERNAL_MESSAGE)) throw new Error("a fault of the server, told on a stream");
    if (status === 200) checkSuccess(answer);
    else if (status === 202) {
      if (body !== "") throw new Error("202 with a body");
    } else if (!isRefusedByNode(answer) && !isOtherPath(answer)) checkRefusal(answer);
  } catch (error) {
    const { status, headers, body } = answer;
    const quoted = JSON.stringify({ status, headers, body: body.slice(0, 2_000) });
    throw new Error(`${error instanceof Error ? error.message : error}. The answer: ${quoted}`);
  }
}

/** Whether node:http has refused the request itself. */
export function isRefusedByNode({ status, body, headers }: HttpAnswer): boolean {
  return REFUSED_BY_NODE.has(status) && body === "" && headers["content-type"] === undefined;
}

/** Whether the listener has said that the endpoint is elsewhere. */
export function isOtherPath({ status, body }: HttpAnswer): boolean {
  return status === 404 && body.startsWith('{"error":"Not found. The MCP endpoint is ');
}

function checkSuccess({ headers, body, whole }: HttpAnswer): void {
  if (headers["content-type"] === "text/event-stream") checkSse(body, whole);
  // DELETE.
  else if (body !== "") throw new Error("200 with a body that is no stream");
}

function checkRefusal({ status, headers, body, whole }: HttpAnswer): void {
  if (headers["content-type"] !== "application/json") throw new Error("a refusal that is not JSON");
  // HEAD has no body.
  if (!whole || body === "") return;
  const { jsonrpc, id, error } = JSON.parse(body);
  if (jsonrpc !== "2.0" || id === undefined || typeof error?.message !== "string")
    throw new Error("a refusal that is no JSON-RPC error");
  const row = rowOf(status, error.code);
  if (!row) throw new Error("a refusal that is not in the table");
  if (row.retryable && error.data?.retryable !== true)
    throw new Error("a refusal that does not say to try again");
  if ((status === 429 || status === 503) && headers["retry-after"] === undefined)
    throw new Error("no Retry-After");
  if (status === 405 && headers.allow === undefined) throw new Error("no Allow");
}
