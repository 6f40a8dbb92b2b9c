import { BodyBytes, type HttpBody, type HttpRequest } from "@durable-mcp/core";

/** What a framework or an authentication middleware has found out about a request before the endpoint sees it. */
export interface RequestFacts {
  /** The body, if somebody has parsed its JSON already (and has thereby drained the request). */
  readonly parsedBody?: unknown;
  /** Handed on to handlers as `extra.authInfo`. */
  readonly authInfo?: unknown;
}

/** The endpoint's view of a web-standard request. */
export function webRequest(request: Request, { parsedBody, authInfo }: RequestFacts): HttpRequest {
  const { pathname, search, host, protocol } = new URL(request.url);
  return {
    method: request.method,
    url: pathname + search,
    secure: protocol === "https:",
    // Some runtimes keep the Host header to themselves.
    headers: { host, ...Object.fromEntries(request.headers) },
    authInfo,
    readBody: async (maxBytes) => {
      if (parsedBody !== undefined) return { outcome: "parsed", value: parsedBody };
      return readBody(request, maxBytes);
    },
  };
}

/** Most bytes of a refused body that are read and forgotten. */
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;

async function readBody(request: Request, maxBytes: number): Promise<HttpBody> {
  const { body, headers, signal } = request;
  if (request.bodyUsed || body?.locked) return { outcome: "drained" };
  const encoding = headers.get("content-encoding") ?? "identity";
  const announced = Number(headers.get("content-length") ?? Number.NaN);
  const refused: HttpBody | undefined =
    encoding.toLowerCase() !== "identity"
      ? { outcome: "unsupported", header: "Content-Encoding" }
      : announced > maxBytes
        ? { outcome: "too-large" }
        : undefined;
  const reader = body?.getReader();
  if (refused) {
    void discard(reader);
    return refused;
  }
  const bytes = new BodyBytes(maxBytes, announced >= 0 ? announced : undefined);
  // Not every body ends with the client that sends it, and not every runtime has the signal.
  let gone = false;
  const letGo = () => {
    gone = true;
    reader?.cancel().catch(() => {});
  };
  signal?.addEventListener("abort", letGo, { once: true });
  try {
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
      if (bytes.add(read.value)) continue;
      void discard(reader);
      return { outcome: "too-large" };
    }
    return gone ? { outcome: "aborted" } : bytes.toBody();
  } catch {
    return { outcome: "aborted" };
  } finally {
    signal?.removeEventListener("abort", letGo);
  }
}

/**
 * Reads the rest and forgets it, as far as it is bearable: on Node a body that is cancelled takes its connection along,
 * and the answer with it.
 */
async function discard(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): Promise<void> {
  try {
    for (let bytes = 0; reader && bytes < MAX_DISCARDED_BYTES; ) {
      const { value, done } = await reader.read();
      if (done) return;
      bytes += value.length;
    }
    await reader?.cancel();
  } catch {
    // Whoever sends it may go away meanwhile.
  }
}
