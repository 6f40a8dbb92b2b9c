/** An HTTP request that may be as wrong as it likes. */
export interface HttpBytes {
  readonly method: string;
  readonly path?: string;
  readonly version?: string;
  /** In this order and spelling; a name may come twice. Characters are bytes (latin-1). */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Uint8Array;
  /** How the end of the body is made known; `none`: not at all. */
  readonly framing?: "length" | "chunked" | "none";
}

/** The request as it goes over the socket. A string body goes as UTF-8. */
export function httpBytes(request: HttpBytes): Buffer {
  const { method, path = "/mcp", version = "1.1", headers, framing = "length" } = request;
  const body = request.body === undefined ? undefined : Buffer.from(request.body as string);
  const lines = [`${method} ${path} HTTP/${version}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (body && framing === "length") lines.push(`Content-Length: ${body.length}`);
  if (body && framing === "chunked") lines.push("Transfer-Encoding: chunked");
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  if (!body) return head;
  return Buffer.concat([head, framing === "chunked" ? chunked(body) : body]);
}

/** Pieces of 1,000 bytes, so that characters and tokens are cut anywhere. */
function chunked(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  const step = Math.max(1_000, Math.ceil(body.length / 200));
  for (let start = 0; start < body.length; start += step) {
    const piece = body.subarray(start, start + step);
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n"));
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}
