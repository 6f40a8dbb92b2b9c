import { DurableMcpError } from "@durable-mcp/contract";
import type { HttpRequest } from "./http.js";
import { containersIn, isMessage, type JsonRpcMessage, withoutStrangers } from "./json-rpc.js";
import type { EndpointSettings } from "./options.js";

/** Most arrays and objects inside each other: what is deeper overflows the stack of those who write or compare it. */
const MAX_DEPTH = 1_000;

/** About what an array or object takes in memory, however short it is as JSON. */
const BYTES_PER_CONTAINER = 64;

/** Most messages of a batch. */
const MAX_BATCH = 100;

/** The messages of a POST. */
export interface Payload {
  readonly messages: readonly JsonRpcMessage[];
  readonly batch: boolean;
  /** About how many bytes of memory the messages take. */
  readonly weight: number;
}

/**
 * Reads a POST's JSON-RPC messages.
 *
 * Returns: undefined if the client went away meanwhile
 * Errors:  BODY_TOO_LARGE (413), UNSUPPORTED_MEDIA_TYPE (415), PARSE_ERROR, INVALID_REQUEST (400), BODY_DRAINED (500)
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
        `Payload Too Large: the body may have ${body.maxBytes ?? maxBodyBytes} bytes at most`,
      );
    case "unsupported":
      throw new DurableMcpError(
        "UNSUPPORTED_MEDIA_TYPE",
        `Unsupported Media Type: this ${body.header} is not supported`,
      );
    case "drained":
      throw new DurableMcpError(
        "BODY_DRAINED",
        "The body was read before it came to the MCP endpoint, by a body parser perhaps. Let the endpoint read it, or hand on what was parsed as parsedBody.",
      );
    case "not-utf8":
      throw new DurableMcpError("PARSE_ERROR", "Parse error: the body is not valid UTF-8");
    case "parsed":
      return payloadOf(body.value, Number(request.headers["content-length"]) || 0, invalidMessages);
    case "text":
      return payloadOf(parseJson(body.text), body.text.length, invalidMessages);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DurableMcpError("PARSE_ERROR", "Parse error: Invalid JSON in the body", { cause: error });
  }
}

function payloadOf(
  value: unknown,
  length: number,
  invalidMessages: EndpointSettings["invalidMessages"],
): Payload {
  const containers = containersIn(value, MAX_DEPTH);
  if (containers === undefined) {
    throw new DurableMcpError(
      "INVALID_REQUEST",
      `Invalid Request: the body has more than ${MAX_DEPTH} arrays and objects inside each other`,
    );
  }
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
      "Invalid Request: the body is not a JSON-RPC 2.0 message as MCP defines it (ids: integers, or strings of up to 1,024 characters)",
    );
  }
  return {
    messages: messages.map(withoutStrangers),
    batch,
    weight: length + BYTES_PER_CONTAINER * containers,
  };
}
