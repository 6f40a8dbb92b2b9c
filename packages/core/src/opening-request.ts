import type { HttpRequest } from "./http.js";

/** Query and allowed headers of the request that opens a session: what is stored of it for `createServer`. */
export function openingOf(
  request: HttpRequest,
  storedHeaders: readonly string[],
): { query: Record<string, string>; headers: Record<string, string> } {
  const query = Object.fromEntries(new URLSearchParams(request.url.replace(/^[^?]*/, "")));
  const headers: Record<string, string> = {};
  for (const name of storedHeaders) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  return { query, headers };
}
