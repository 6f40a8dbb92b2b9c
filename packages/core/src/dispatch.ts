import { DurableMcpError, parseStreamId } from "@durable-mcp/contract";
import { asDurableMcpError } from "./answers.js";
import type { CallTable, Reply } from "./calls.js";
import { isRequest, type JsonRpcMessage, type JsonRpcRequest, sameJson } from "./json-rpc.js";
import type { EndpointSettings } from "./options.js";
import { checkScopes } from "./scope-challenge.js";
import type { MessageExtra } from "./server-transport.js";
import type { Session } from "./session.js";
import { notOwner, sessionNotFound } from "./session-errors.js";
import { StreamReply } from "./stream-reply.js";

/** The messages of a POST, whichever node it came to. */
export interface ClientMessages {
  readonly messages: readonly JsonRpcMessage[];
  /** About how many bytes of memory they take. */
  readonly weight: number;
  readonly authInfo: unknown;
}

/** Where the requests of a POST are answered: on a stream that answers them already, or by a reply of their own. */
export type Admission =
  | { readonly joined: StreamReply }
  | {
      readonly joined?: undefined;
      readonly reply: Reply;
      /** One of them was cancelled before it came; that may be stored already. */
      readonly isCancelled: boolean;
    };

/**
 * Takes the requests of a POST into the table of calls, or refuses them before any of them is handed on.
 *
 * Errors:  INVALID_REQUEST, INSUFFICIENT_SCOPE, TOO_MANY_CALLS; SESSION_NOT_FOUND, NOT_OWNER; what the store says
 */
export async function admit(
  settings: EndpointSettings,
  session: Session,
  { messages, weight, authInfo }: ClientMessages,
  openReply: () => Reply,
): Promise<Admission> {
  const requests = messages.filter(isRequest);
  const ids = requests.map(({ id }) => id);
  if (new Set(ids).size < ids.length) {
    throw new DurableMcpError("INVALID_REQUEST", "Invalid Request: a batch uses the same id twice");
  }
  await checkScopes(requests, authInfo, session.transport.scopeChallenge);
  // Whoever decides about scopes may take its time.
  if (session.released) throw session.ended ? sessionNotFound() : notOwner();
  const joined = replyInFlight(session, requests);
  if (joined) {
    if (joined instanceof StreamReply && !settings.enableJsonResponse) return { joined };
    throw idInUse();
  }
  refuseOverload(session.calls, weight, requests.length, settings.maxCallsPerSession);
  const reply = openReply();
  const share = weight / requests.length;
  const cancelled = requests.filter(
    (request) => !session.calls.begin({ request, reply, weight: share }, Date.now()),
  );
  if (reply instanceof StreamReply && (settings.onInterrupted || !idsTravel(reply.streamId)))
    await storeRequests(session, reply, requests);
  for (const { id } of cancelled) await reply.cancel(id);
  return { reply, isCancelled: cancelled.length > 0 };
}

/** Hands the messages of a POST, whose requests were admitted, to the server object. */
export async function dispatch(
  session: Session,
  reply: Reply,
  messages: readonly JsonRpcMessage[],
  extra: MessageExtra,
): Promise<void> {
  try {
    for (const message of messages) {
      const isOver = isRequest(message) && session.calls.get(message.id)?.reply !== reply;
      if (!isOver) await session.incoming.receive(message, extra);
    }
  } catch (error) {
    reply.fail(asDurableMcpError(error));
  }
}

/** About how many bytes of memory the requests in flight of a session may take (G7); a single one may always come. */
export const MAX_WEIGHT_IN_FLIGHT = 64 * 1024 * 1024;

/** Errors:  TOO_MANY_CALLS (429) */
function refuseOverload(calls: CallTable, weight: number, added: number, maxCalls: number): void {
  const isHeavy = calls.size > 0 && calls.weight + weight > MAX_WEIGHT_IN_FLIGHT;
  if (calls.size + added <= maxCalls && !isHeavy) return;
  throw new DurableMcpError(
    "TOO_MANY_CALLS",
    `This session has ${calls.size} requests in flight${isHeavy ? ", large ones" : ""}; wait for some.`,
  );
}

/** A request that cannot be stored is not dispatched. */
async function storeRequests(
  session: Session,
  reply: StreamReply,
  requests: readonly JsonRpcRequest[],
): Promise<void> {
  try {
    await reply.storeRequests(requests);
  } catch (error) {
    for (const { id } of requests) session.calls.finish(id, reply);
    throw error;
  }
}

/** Whether a stream's id names the request ids that it answers. */
function idsTravel(streamId: string): boolean {
  const name = parseStreamId(streamId);
  return name?.kind === "post" && name.requestIds !== undefined;
}

/**
 * The reply that already answers these very requests: a client's or proxy's retry joins it.
 *
 * Errors:  INVALID_REQUEST if an id is in flight for something else
 */
function replyInFlight(session: Session, requests: readonly JsonRpcRequest[]): Reply | undefined {
  const calls = requests.map(({ id }) => session.calls.get(id));
  const [first] = calls;
  if (calls.every((call) => call === undefined)) return undefined;
  const same = calls.every(
    (call, index) => call?.reply === first?.reply && sameJson(call?.request, requests[index]),
  );
  if (same && first) return first.reply;
  throw idInUse();
}

function idInUse(): DurableMcpError {
  return new DurableMcpError(
    "INVALID_REQUEST",
    "Invalid Request: the id of a request is in use by another request in flight",
  );
}
