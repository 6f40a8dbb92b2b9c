import type { IncomingMessage } from "node:http";
import type { HttpRequest } from "@durable-mcp/core";
import { readBody } from "./read-body.js";

/** What a framework or an authentication middleware has found out about a request before the endpoint sees it. */
export interface RequestFacts {
  /** The body, if somebody has parsed its JSON already (and has thereby drained the request). */
  readonly parsedBody?: unknown;
  /** Handed on to handlers as `extra.authInfo`. Default: `request.auth`, where the SDK's middleware puts it. */
  readonly authInfo?: unknown;
}

/** The endpoint's view of a native request. */
export function nodeRequest(
  request: IncomingMessage & { readonly auth?: unknown },
  { parsedBody, authInfo = request.auth }: RequestFacts,
): HttpRequest {
  return {
    method: request.method ?? "",
    url: request.url ?? "/",
    secure: "encrypted" in Object(request.socket),
    // Node joins repeated headers itself, but for Set-Cookie, which requests do not have.
    headers: request.headers as Record<string, string | undefined>,
    authInfo,
    readBody: async (maxBytes) =>
      parsedBody === undefined ? readBody(request, maxBytes) : { outcome: "parsed", value: parsedBody },
  };
}
