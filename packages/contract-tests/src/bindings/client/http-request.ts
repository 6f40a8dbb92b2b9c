import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { Answer, DEADLINE_MS } from "./answer.js";

export interface OutgoingRequest {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is; anything but text and bytes, as JSON. */
  readonly body?: unknown;
  /** Sent piece by piece, without its length, in place of `body`. */
  readonly pieces?: Iterable<string | Uint8Array>;
  /** Appended to the endpoint's URL. */
  readonly suffix?: string;
  /** Connections to use again. Default: one of its own. */
  readonly agent?: Agent;
  /** The answer is not read before `read`. */
  readonly unread?: boolean;
}

/** A request on its way. */
export interface StartedRequest {
  /** Resolves when the head of the answer is here. */
  readonly answer: Promise<Answer>;
  /** Destroys the connection. */
  cut(): void;
}

const POST_HEADERS = {
  accept: "application/json, text/event-stream",
  "content-type": "application/json",
};

/** Headers that clients send with each request of that method. */
const USUAL_HEADERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  GET: { accept: "text/event-stream" },
  POST: POST_HEADERS,
};

/** Begins a request. A header of "" is left out. */
export function startRequest(url: string, outgoing: OutgoingRequest): StartedRequest {
  const { method, pieces, suffix = "", agent = new Agent(), unread = false } = outgoing;
  const body = pieces === undefined ? bytesOf(outgoing.body) : undefined;
  const headers: Record<string, string> = { ...USUAL_HEADERS[method], ...outgoing.headers };
  for (const [name, value] of Object.entries(headers)) if (value === "") delete headers[name];
  if (body) headers["content-length"] = String(body.length);

  let sent: ClientRequest | undefined;
  const cut = () => sent?.destroy();
  const answer = new Promise<Answer>((resolve, reject) => {
    sent = request(url + suffix, { method, agent, headers });
    // A binding that is silent is said to be, and not only that the case took too long.
    const silent = () =>
      reject(new Error(`No answer to ${method} ${suffix} has begun in ${DEADLINE_MS} ms.`));
    const timer = setTimeout(silent, DEADLINE_MS);
    sent.on("close", () => clearTimeout(timer));
    sent.on("response", (response: IncomingMessage) => {
      clearTimeout(timer);
      const answered = new Answer(response, cut);
      resolve(unread ? answered : answered.read());
    });
    // After the answer has begun this tells of nothing that the answer would not tell.
    sent.on("error", reject);
    for (const piece of pieces ?? []) sent.write(piece);
    sent.end(body);
  });
  // Whoever cuts a request does not wait for its answer.
  answer.catch(() => {});
  return { answer, cut };
}

function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  if (body instanceof Uint8Array) return Buffer.from(body);
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}
