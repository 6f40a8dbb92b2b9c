import type { Reply } from "./calls.js";
import { GET_STREAM_ID } from "./get-stream.js";
import type { HttpHeaders, HttpRequest } from "./http.js";
import { supportsPriming } from "./protocol-version.js";
import type { MessageExtra } from "./server-transport.js";
import type { Session } from "./session.js";
import { StreamReply } from "./stream-reply.js";

/** What handlers get to know of the HTTP request that carried their message. */
export function extraOf(request: Pick<HttpRequest, "headers" | "url" | "authInfo">): MessageExtra {
  return { authInfo: request.authInfo, requestInfo: new RequestInfo(request) };
}

/** The same for a request, with how its handler may close the connection of its answer: from 2025-11-25 on. */
export function extraOfRequest(
  request: Pick<HttpRequest, "headers" | "url" | "authInfo">,
  session: Session,
  reply: Reply,
): MessageExtra {
  const extra = extraOf(request);
  if (!(reply instanceof StreamReply) || !supportsPriming(session.protocolVersion)) return extra;
  return {
    ...extra,
    closeSSEStream: () => session.connections.close(reply.streamId),
    closeStandaloneSSEStream: () => session.connections.close(GET_STREAM_ID),
  };
}

/** Parses the URL only for the handlers that ask for it. */
class RequestInfo {
  readonly headers: HttpHeaders;
  readonly #url: string;

  constructor({ headers, url }: Pick<HttpRequest, "headers" | "url">) {
    this.headers = headers;
    this.#url = url;
  }

  get url(): URL | undefined {
    const base = `http://${this.headers.host ?? "localhost"}`;
    return URL.canParse(this.#url, base) ? new URL(this.#url, base) : undefined;
  }
}
