import { ALLOWED_METHODS } from "./answers.js";
import type { HttpHeaders, HttpRequest, HttpResponse } from "./http.js";

/** What pages may read of an answer's headers, apart from what they always may. */
const EXPOSED_HEADERS = "Mcp-Session-Id, WWW-Authenticate, Retry-After";

/** How long in seconds a browser may remember what it was allowed; browsers cap it. */
const PREFLIGHT_MAX_AGE_SECONDS = "7200";

/**
 * The headers that let a page of an allowed origin read an answer, and tell caches that others get another one; undefined
 * where no page is allowed. Never allows credentials: cookies are not how MCP clients are known.
 *
 * Shapes:  allowedOrigins: as browsers send them, "*" = any
 * Source:  Fetch Standard, CORS protocol
 */
export function corsHeaders(
  { origin }: HttpHeaders,
  allowedOrigins: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (allowedOrigins.length === 0) return undefined;
  const vary = "Origin";
  const isAllowed = origin !== undefined && (allowedOrigins.includes(origin) || allowedOrigins.includes("*"));
  if (!isAllowed) return { vary };
  return { "access-control-allow-origin": origin, "access-control-expose-headers": EXPOSED_HEADERS, vary };
}

/** Whether a browser asks if a page may send what comes next. */
export function isPreflight({ method, headers }: Pick<HttpRequest, "method" | "headers">): boolean {
  return (
    method === "OPTIONS" &&
    headers.origin !== undefined &&
    headers["access-control-request-method"] !== undefined
  );
}

/** What a page of an allowed origin may send: any header, since the origin is trusted to call. */
export function preflightHeaders(headers: HttpHeaders): Readonly<Record<string, string>> {
  const asked = headers["access-control-request-headers"];
  return {
    "access-control-allow-methods": ALLOWED_METHODS,
    ...(asked === undefined ? {} : { "access-control-allow-headers": asked }),
    "access-control-max-age": PREFLIGHT_MAX_AGE_SECONDS,
  };
}

/** An answer whose head carries further headers, whoever begins it. */
export class ResponseWithHeaders implements HttpResponse {
  readonly #response: HttpResponse;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(response: HttpResponse, headers: Readonly<Record<string, string>>) {
    this.#response = response;
    this.#headers = headers;
  }

  get begun(): boolean {
    return this.#response.begun;
  }

  get bufferedBytes(): number {
    return this.#response.bufferedBytes;
  }

  begin(status: number, headers: Readonly<Record<string, string>>): void {
    this.#response.begin(status, { ...headers, ...this.#headers });
  }

  write(text: string): boolean {
    return this.#response.write(text);
  }

  end(text?: string): void {
    this.#response.end(text);
  }

  abort(): void {
    this.#response.abort();
  }

  onDrain(listener: () => void): void {
    this.#response.onDrain(listener);
  }

  onClose(listener: () => void): void {
    this.#response.onClose(listener);
  }
}
