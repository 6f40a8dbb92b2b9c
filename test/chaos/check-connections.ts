import type { RunFacts } from "./history.js";
import type { ConnectionRecord, FaultRecord, SessionRecord } from "./records.js";
import type { Violation } from "./violation.js";

/** No live session is ever unknown, refusals are the ones that say so, and no node hangs up that nothing was done to. */
export function checkConnections(
  session: SessionRecord,
  faults: readonly FaultRecord[],
  facts: RunFacts,
): readonly Violation[] {
  return session.connections.flatMap((connection) => {
    const sentence =
      refusal(session, connection, facts) ??
      nameless(connection) ??
      (hangsUp(connection, faults, facts) ? hungUp(connection) : undefined);
    return sentence === undefined ? [] : [{ sentence, of: connection.request.call ?? session.mark }];
  });
}

function refusal(
  session: SessionRecord,
  { request, head }: ConnectionRecord,
  facts: RunFacts,
): string | undefined {
  if (!head || head.status === 200 || head.status === 202) return undefined;
  const { method, node } = request;
  const what = `Session ${session.mark} got ${head.status} for its ${method} at ${node}`;
  if (head.status === 404) return head.atMs >= session.endedAtMs ? undefined : `${what}: it was not found.`;
  if (head.status === 503) return facts.tolerant ? undefined : `${what}.`;
  if (head.status !== 405 || request.cursor === undefined) return `${what}.`;
  const call = session.calls.find(({ sent }) => sent.call === request.call);
  if (!call) return `${what}: its notifications cannot be resumed.`;
  const isAnswered = call.received.some(
    ({ message, atMs }) => message.method === undefined && atMs <= head.atMs,
  );
  return isAnswered
    ? undefined
    : `${what}: there is to be nothing more of ${request.call}, which has no response.`;
}

/** A stream that ends without an event id makes official clients forget their cursor: they ask for another stream then. */
function nameless({ request, closed }: ConnectionRecord): string | undefined {
  if (closed?.how !== "complete" || closed.hasEventId !== false) return undefined;
  return `Session ${request.session} got a stream without any event id for its ${request.method} at ${request.node}.`;
}

function hangsUp(
  { request, closed }: ConnectionRecord,
  faults: readonly FaultRecord[],
  facts: RunFacts,
): boolean {
  if (!closed || closed.how === "complete" || closed.how === "left") return false;
  const isDisturbed = faults.some(
    ({ node, fromMs, overMs }) =>
      node === request.node && fromMs <= closed.atMs && request.atMs <= overMs + facts.slackMs,
  );
  return !isDisturbed || (!facts.tolerant && closed.how === "cut");
}

function hungUp({ request, closed }: ConnectionRecord): string {
  const { node, method, session } = request;
  return `Node ${node} hung up on a ${method} of session ${session} (${closed?.how}) though nothing was done to it.`;
}
