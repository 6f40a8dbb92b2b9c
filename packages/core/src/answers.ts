import { DurableMcpError, ERRORS, type RequestId } from "@durable-mcp/contract";
import type { HttpResponse } from "./http.js";
import { errorResponse, type JsonRpcError } from "./json-rpc.js";
import { InsufficientScopeError } from "./scope-challenge.js";

/** Seconds after which a client may try again what is refused for now. */
const RETRY_AFTER_SECONDS = "2";

/** The methods of an MCP endpoint. */
export const ALLOWED_METHODS = "GET, POST, DELETE";

/** The JSON-RPC form of an error. What is only the operator's business stays in the log. */
export function rpcError(error: DurableMcpError, id: RequestId | null): JsonRpcError {
  const { rpcCode, retryable } = ERRORS[error.code];
  const data = retryable ? { reason: error.code, retryable } : undefined;
  return errorResponse(id, rpcCode, messageForClients(error), data);
}

function messageForClients({ code, message }: DurableMcpError): string {
  if (code === "INTERNAL") return "Internal error; the server's log says more.";
  if (code.startsWith("STORE_")) return "The server cannot store anything at the moment; try again later.";
  return message;
}

/** Answers a request that failed, by the table of errors; an answer that has begun can only end. */
export function sendError(response: HttpResponse, error: DurableMcpError, id: RequestId | null = null): void {
  if (response.begun) {
    response.end();
    return;
  }
  const { status } = ERRORS[error.code];
  response.begin(status, {
    "content-type": "application/json",
    ...(status === 429 || status === 503 ? { "retry-after": RETRY_AFTER_SECONDS } : {}),
    ...(error instanceof InsufficientScopeError ? { "www-authenticate": error.challenge } : {}),
    // Clients that kept their connection would keep the process from ending.
    ...(error.code === "DRAINING" ? { connection: "close" } : {}),
    ...(status === 405 ? { allow: ALLOWED_METHODS } : {}),
  });
  response.end(JSON.stringify(rpcError(error, id)));
}

/** Answers a request with an error, by the table of errors; `id` where the request that it answers is known. */
export type Refuse = (error: unknown, id?: RequestId | null) => void;

/** Answers with a status alone. */
export function sendStatus(
  response: HttpResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.begin(status, headers);
  response.end();
}

/** Any thrown value as one of our errors; a stranger becomes the cause of an INTERNAL one. */
export function asDurableMcpError(error: unknown): DurableMcpError {
  if (error instanceof DurableMcpError) return error;
  return new DurableMcpError("INTERNAL", error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}
