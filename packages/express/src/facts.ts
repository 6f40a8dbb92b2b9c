import type { RequestFacts } from "@durable-mcp/node";
import type { Request } from "express";

/** What Express knows of a request better than the request itself, but for its body. */
export function factsOf(request: Request): RequestFacts {
  // The router has cut its mount path off `url`; `secure` heeds the application's "trust proxy".
  return { url: request.originalUrl, secure: request.secure };
}

/** The body, where a parser has read it. */
export function bodyFactsOf(request: Request): RequestFacts {
  // Unread, it is the endpoint's to read. Express 4 puts an empty object there when nothing was parsed.
  if (!request.readableDidRead || request.body === undefined) return {};
  const text = unparsedText(request.body);
  return text === undefined
    ? { parsedBody: request.body }
    : { readBody: async () => ({ outcome: "text", text }) };
}

/** The body as `express.text()` and `express.raw()` leave it: read, and not parsed. */
function unparsedText(body: unknown): string | undefined {
  if (typeof body === "string") return body;
  return Buffer.isBuffer(body) ? body.toString("utf8") : undefined;
}
