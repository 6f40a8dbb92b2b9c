import { type ClientRequest, type IncomingMessage, request } from "node:http";

export interface RawRequest {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** A whole HTTP answer, as the server wrote it. */
export interface RawAnswer {
  readonly status: number;
  readonly statusText: string;
  /** In the server's order and spelling, without Date. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** Headers that every MCP request needs. */
const ACCEPT = {
  GET: "text/event-stream",
  POST: "application/json, text/event-stream",
} as Record<string, string>;

/** Begins an HTTP request on a socket of its own; `cut` destroys the socket. */
export function startRequest(
  url: string,
  { method, headers, body }: RawRequest,
): { readonly response: Promise<IncomingMessage>; readonly cut: () => void } {
  const text = body === undefined ? undefined : JSON.stringify(body);
  let outgoing: ClientRequest | undefined;
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    const accept = ACCEPT[method];
    outgoing = request(url, {
      method,
      agent: false,
      headers: {
        ...(accept ? { accept } : {}),
        ...(text === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
        ...headers,
      },
    });
    outgoing.on("response", resolve).on("error", reject);
    outgoing.end(text);
  });
  return { response, cut: () => outgoing?.destroy() };
}

/** Makes one HTTP request and reads its whole answer. */
export async function rawRequest(url: string, options: RawRequest): Promise<RawAnswer> {
  const response = await startRequest(url, options).response;
  let body = "";
  for await (const text of response.setEncoding("utf8")) body += text;
  const { rawHeaders } = response;
  const pairs = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ""] as const] : [],
  );
  return {
    status: response.statusCode ?? 0,
    statusText: response.statusMessage ?? "",
    headers: pairs.filter(([name]) => name.toLowerCase() !== "date"),
    body,
  };
}
