import type { Reply } from "./calls.js";
import { GET_STREAM_ID } from "./get-stream.js";
import type { CarryingRequest } from "./inbox-entries.js";
import type { MessageExtra } from "./server-transport.js";
import type { Session } from "./session.js";
import { StreamReply } from "./stream-reply.js";

/** What handlers get to know of the HTTP request that carried their message. */
export function extraOf(request: CarryingRequest): MessageExtra {
  return new RequestExtra(request);
}

/** The same for a request, with how its handler may close the connection of its answer, if that can be resumed. */
export function extraOfRequest(request: CarryingRequest, session: Session, reply: Reply): MessageExtra {
  const extra = new RequestExtra(request);
  if (reply instanceof StreamReply && session.primes) {
    extra.closeSSEStream = () => session.closeConnection(reply.streamId);
    extra.closeStandaloneSSEStream = () => session.closeConnection(GET_STREAM_ID);
  }
  return extra;
}

/** What is costly to make of a request is made for the handlers that ask for it. */
class RequestExtra implements MessageExtra {
  readonly authInfo: unknown;
  readonly requestInfo: NonNullable<MessageExtra["requestInfo"]>;
  closeSSEStream?: () => void;
  closeStandaloneSSEStream?: () => void;
  readonly #method: string;
  #request: Request | undefined;

  constructor({ method, headers, url, secure, authInfo }: CarryingRequest) {
    this.authInfo = authInfo;
    this.#method = method;
    this.requestInfo = {
      headers,
      get url() {
        const base = `${secure ? "https" : "http"}://${headers.host ?? headers[":authority"] ?? "localhost"}`;
        return URL.canParse(url, base) ? new URL(url, base) : undefined;
      },
    };
  }

  get request(): Request | undefined {
    const { url, headers } = this.requestInfo;
    if (!url) return undefined;
    // Whatever a Host header may say: a Request takes no credentials.
    url.username = url.password = "";
    this.#request ??= new Request(url, {
      method: this.#method,
      headers: Object.entries(headers).filter(isHeader),
    });
    return this.#request;
  }
}

/** HTTP/2 puts what is no header among the headers, under names that begin with a colon. */
function isHeader(entry: [string, string | undefined]): entry is [string, string] {
  return entry[1] !== undefined && !entry[0].startsWith(":");
}
