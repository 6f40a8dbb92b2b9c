import type { IncomingMessage } from "node:http";
import type { HttpBody, HttpRequest } from "@durable-mcp/core";
import { readStream } from "./read-stream.js";

/** What a framework or an authentication middleware has found out about a request before the endpoint sees it. */
export interface RequestFacts {
  /** The body, if somebody has parsed its JSON already (and has thereby drained the request). */
  readonly parsedBody?: unknown;
  /** Handed on to handlers as `extra.authInfo`. Default: `request.auth`, where the SDK's middleware puts it. */
  readonly authInfo?: unknown;
  /** Path and query as the client sent them, where a router has changed `request.url`. */
  readonly url?: string;
  /** Whether it came over TLS, where a proxy's word is trusted. Default: whether this connection is encrypted. */
  readonly secure?: boolean;
  /** How the body is come by, where it is not to be read from the request. Called at most once. */
  readonly readBody?: (maxBytes: number) => Promise<HttpBody>;
}

/** The endpoint's view of a native request. */
export function nodeRequest(
  request: IncomingMessage & { readonly auth?: unknown },
  { parsedBody, authInfo = request.auth, url = request.url ?? "/", secure, readBody }: RequestFacts,
): HttpRequest {
  return {
    method: request.method ?? "",
    url,
    secure: secure ?? "encrypted" in Object(request.socket),
    // Node joins repeated headers itself, but for Set-Cookie, which requests do not have.
    headers: request.headers as Record<string, string | undefined>,
    authInfo,
    readBody: async (maxBytes) => {
      if (parsedBody !== undefined) return { outcome: "parsed", value: parsedBody };
      return readBody ? readBody(maxBytes) : readRequestBody(request, maxBytes);
    },
  };
}

async function readRequestBody(request: IncomingMessage, maxBytes: number): Promise<HttpBody> {
  const { "content-length": length, "content-encoding": encoding = "identity" } = request.headers;
  // A body that somebody has read tells more about itself than its encoding.
  if (encoding.toLowerCase() !== "identity" && !request.readableDidRead) {
    request.resume();
    return { outcome: "unsupported", header: "Content-Encoding" };
  }
  return readStream(request, length === undefined ? undefined : Number(length), maxBytes);
}
