/** One HTTP answer, or the beginning of one. */
export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name; repeated ones joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Its end has come. */
  readonly whole: boolean;
}

/**
 * Reads the answers that came over one socket, one after the other; `100 Continue` is left out.
 *
 * Shapes:  closed: the server has ended the connection, which ends an answer without length
 * Errors:  at bytes that are no HTTP answer
 */
export function readAnswers(received: Buffer, closed: boolean): readonly HttpAnswer[] {
  const answers: HttpAnswer[] = [];
  let rest = received;
  while (rest.length > 0) {
    const headEnd = rest.indexOf("\r\n\r\n");
    if (headEnd < 0) return answers;
    const [line = "", ...fields] = rest.subarray(0, headEnd).toString("latin1").split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1]);
    if (!status) throw new Error(`Not an HTTP answer: ${rest.subarray(0, 200).toString("latin1")}`);
    rest = rest.subarray(headEnd + 4);
    if (status === 100) continue;
    const headers = headersOf(fields);
    const { body, length, whole } = readBody(rest, status, headers, closed);
    answers.push({ status, headers, body: body.toString("utf8"), whole });
    if (!whole) return answers;
    rest = rest.subarray(length);
  }
  return answers;
}

function headersOf(fields: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const field of fields) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?(.*)$/.exec(field) ?? [];
    if (name === undefined || value === undefined) throw new Error(`Not a header: ${field}`);
    const known = headers[name.toLowerCase()];
    headers[name.toLowerCase()] = known === undefined ? value : `${known}, ${value}`;
  }
  return headers;
}

interface Body {
  readonly body: Buffer;
  /** Bytes that it takes on the wire. */
  readonly length: number;
  readonly whole: boolean;
}

function readBody(rest: Buffer, status: number, headers: Record<string, string>, closed: boolean): Body {
  if (status === 204 || status === 304) return { body: Buffer.alloc(0), length: 0, whole: true };
  if (headers["transfer-encoding"] === "chunked") return readChunks(rest);
  const length = headers["content-length"];
  if (length === undefined) return { body: rest, length: rest.length, whole: closed };
  const whole = rest.length >= Number(length);
  return { body: rest.subarray(0, Number(length)), length: Number(length), whole };
}

function readChunks(rest: Buffer): Body {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = rest.indexOf("\r\n", at);
    const size =
      lineEnd < 0 ? Number.NaN : Number.parseInt(rest.subarray(at, lineEnd).toString("latin1"), 16);
    if (Number.isNaN(size)) return { body: Buffer.concat(parts), length: rest.length, whole: false };
    const start = lineEnd + 2;
    parts.push(rest.subarray(start, start + size));
    at = start + size + 2;
    if (at > rest.length) return { body: Buffer.concat(parts), length: rest.length, whole: false };
    if (size === 0) return { body: Buffer.concat(parts), length: at, whole: true };
  }
}
