export { initialize, ping, toolCall } from "../drop-in/ask.js";

export interface WebRequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly url?: string;
  readonly signal?: AbortSignal;
}

/** A request as a runtime makes it, without a Host header. A body that is no stream is sent as JSON. */
export function webRequest(method: string, body?: unknown, options: WebRequestOptions = {}): Request {
  const { headers = {}, url = "http://mcp.example/mcp", signal } = options;
  const isStream = body instanceof ReadableStream;
  return new Request(url, {
    method,
    headers: {
      accept: method === "GET" ? "text/event-stream" : "application/json, text/event-stream",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isStream ? body : JSON.stringify(body) }),
    ...(isStream ? { duplex: "half" } : {}),
    ...(signal ? { signal } : {}),
  } as RequestInit);
}
