import { StreamableHTTPError } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { McpError } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";

/** A JSON object on its way through: what the gateway does not know in it, it passes on. */
export type RpcObject = Readonly<Record<string, unknown>>;

/** Accepts any result as it is: the SDK's own schemas would strip what they do not know. */
export const AnyResult = z.looseObject({});

export function isJsonObject(value: unknown): value is RpcObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A JSON-RPC error as it goes on the wire: the SDK sends `code`, `message` and `data` of whatever a handler throws. */
export class RpcError extends Error {
  override readonly name = "RpcError";

  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
  }

  /** The peer's own error, without the "MCP error <code>: " that every SDK hop puts before the message. */
  static from(error: McpError): RpcError {
    const prefix = `MCP error ${error.code}: `;
    let message = error.message;
    while (message.startsWith(prefix)) message = message.slice(prefix.length);
    return new RpcError(error.code, message, error.data);
  }
}

/** The code of errors that speak of an upstream rather than for it. */
const UPSTREAM_ERROR = -31020;

/** An upstream cannot be used now, or went away during the call. The same call may succeed later, unless `data` says no. */
export function upstreamError(
  reason: "UPSTREAM_UNAVAILABLE" | "UPSTREAM_ENDED" | "UPSTREAM_TIMEOUT",
  app: string,
  message: string,
  data: RpcObject = {},
): RpcError {
  return new RpcError(UPSTREAM_ERROR, `App "${app}" ${message}`, { reason, retryable: true, app, ...data });
}

/**
 * A short cause for people: the messages of an error and of what caused it. Of an HTTP answer its status only: errors
 * quote its body, which may hold anything.
 */
export function causeOf(error: unknown): string {
  const texts: string[] = [];
  for (let at = error; at !== undefined && at !== null && texts.length < 3; at = (at as Error).cause) {
    const text = messageOf(at);
    if (text !== "" && !texts.includes(text)) texts.push(text);
  }
  return texts.join(": ") || "unknown cause";
}

function messageOf(error: unknown): string {
  if (error instanceof McpError) return RpcError.from(error).message;
  const status = httpStatusOf(error);
  if (status !== undefined) return `HTTP status ${status}`;
  if (error instanceof StreamableHTTPError || isNotMcp(error)) return "the answer is not MCP";
  return error instanceof Error ? error.message : String(error);
}

/** The HTTP status that an upstream refused a request with; undefined if the error is none of that kind. */
export function httpStatusOf(error: unknown): number | undefined {
  // The SDK gives the code -1 to an answer that was accepted, but is of a wrong type.
  return error instanceof StreamableHTTPError && (error.code ?? -1) > 0 ? error.code : undefined;
}

/** Whether an error says that a peer sent no JSON, or other JSON than MCP's. */
export function isNotMcp(error: unknown): boolean {
  return error instanceof SyntaxError || (error instanceof Error && error.name === "ZodError");
}
