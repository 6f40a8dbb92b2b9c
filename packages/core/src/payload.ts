import { DurableMcpError } from "@durable-mcp/contract";
import type { HttpRequest } from "./http.js";
import { isMessage, type JsonRpcMessage } from "./json-rpc.js";
import type { EndpointSettings } from "./options.js";

/** Most messages of a batch. */
const MAX_BATCH = 100;

/** The messages of a POST. */
export interface Payload {
  readonly messages: readonly JsonRpcMessage[];
  readonly batch: boolean;
}

/**
 * Reads a POST's JSON-RPC messages.
 *
 * Returns: undefined if the client went away meanwhile
 * Errors:  BODY_TOO_LARGE (413), PARSE_ERROR, INVALID_REQUEST (400)
 */
export async function parsePayload(
  request: HttpRequest,
  { maxBodyBytes, invalidMessages }: Pick<EndpointSettings, "maxBodyBytes" | "invalidMessages">,
): Promise<Payload | undefined> {
  const body = await request.readBody(maxBodyBytes);
  switch (body.outcome) {
    case "aborted":
      return undefined;
    case "too-large":
      throw new DurableMcpError(
        "BODY_TOO_LARGE",
        `Payload Too Large: the body may have ${maxBodyBytes} bytes at most`,
      );
    case "not-utf8":
      throw new DurableMcpError("PARSE_ERROR", "Parse error: the body is not valid UTF-8");
    case "parsed":
      return payloadOf(body.value, invalidMessages);
    case "text":
      return payloadOf(parseJson(body.text), invalidMessages);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DurableMcpError("PARSE_ERROR", "Parse error: Invalid JSON in the body", { cause: error });
  }
}

function payloadOf(value: unknown, invalidMessages: EndpointSettings["invalidMessages"]): Payload {
  const batch = Array.isArray(value);
  const messages: readonly unknown[] = batch ? value : [value];
  if (messages.length === 0)
    throw new DurableMcpError("INVALID_REQUEST", "Invalid Request: the batch is empty");
  if (messages.length > MAX_BATCH) {
    throw new DurableMcpError(
      "INVALID_REQUEST",
      `Invalid Request: a batch may have ${MAX_BATCH} messages at most`,
    );
  }
  if (!messages.every(isMessage)) {
    throw new DurableMcpError(
      invalidMessages === "parse-error" ? "PARSE_ERROR" : "INVALID_REQUEST",
      "Invalid Request: the body is not a JSON-RPC 2.0 message as MCP defines it (ids: up to 1,024 characters)",
    );
  }
  return { messages, batch };
}
