/** One HTTP answer as its bytes have it. */
export interface RawAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The whole answers at the beginning of what a connection has brought, one per method; 1xx answers are left out. */
export function parseAnswers(bytes: Buffer, methods: readonly string[]): readonly RawAnswer[] {
  const answers: RawAnswer[] = [];
  let at = 0;
  for (const method of methods) {
    let parsed = parseAnswer(bytes, at, method);
    while (parsed && parsed.answer.status < 200) parsed = parseAnswer(bytes, parsed.end, method);
    if (!parsed) break;
    answers.push(parsed.answer);
    at = parsed.end;
  }
  return answers;
}

function parseAnswer(
  bytes: Buffer,
  at: number,
  method: string,
): { answer: RawAnswer; end: number } | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n", at);
  if (headEnd < 0) return undefined;
  const [statusLine = "", ...lines] = bytes.toString("latin1", at, headEnd).split("\r\n");
  const status = Number(statusLine.split(" ")[1]);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const start = headEnd + 4;
  const hasBody = method !== "HEAD" && status >= 200 && status !== 204 && status !== 304;
  const body = !hasBody
    ? { text: "", end: start }
    : headers["transfer-encoding"] === "chunked"
      ? readChunks(bytes, start)
      : readLength(bytes, start, Number(headers["content-length"] ?? 0));
  return body && { answer: { status, headers, body: body.text }, end: body.end };
}

function readLength(bytes: Buffer, start: number, length: number): { text: string; end: number } | undefined {
  const end = start + length;
  return end > bytes.length ? undefined : { text: bytes.toString("utf8", start, end), end };
}

function readChunks(bytes: Buffer, start: number): { text: string; end: number } | undefined {
  const chunks: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    const end = lineEnd + 2 + size;
    if (end + 2 > bytes.length) return undefined;
    chunks.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
    if (size === 0) return { text: Buffer.concat(chunks).toString(), end: at };
  }
}
