import { DurableMcpError } from "@durable-mcp/contract";
import { listChanges } from "./follow-policies.js";
import { concludeInterruptedCalls } from "./interrupted-calls.js";
import { type JsonRpcParams, sameJson } from "./json-rpc.js";
import type { EndpointSettings } from "./options.js";
import type { Session } from "./session.js";
import { asJson, protocolVersionOf } from "./session-shape.js";

/**
 * Rebuilds the server object of a session that this node has just claimed: replays what shaped the session while
 * swallowing whatever the fresh object says, announces changed lists, takes back the old object's own requests, and
 * concludes what was in flight.
 *
 * Errors:  INTERNAL if the fresh server object does not take the replay; what the store says
 * Source:  G4
 */
export async function restore(session: Session, settings: EndpointSettings): Promise<void> {
  await session.start({ restored: true });
  const { shape } = session.keeper;
  // What was negotiated stays, whatever a fresh server object would rather speak.
  const answer = asJson({ ...(await replay(session)), protocolVersion: protocolVersionOf(shape) });
  session.transport.goLive();

  const { asked, initializeResult } = shape;
  if (initializeResult && !sameJson(answer, initializeResult)) {
    await session.keeper.change({ shape: { initializeResult: answer } });
    for (const notice of listChanges(session.keeper.shape)) await session.outgoing.notify(notice);
  }
  for (const requestId of asked) {
    const params = { requestId, reason: "The server was restarted." };
    await session.outgoing.notify({ jsonrpc: "2.0", method: "notifications/cancelled", params });
  }
  if (asked.length > 0) await session.keeper.change({ shape: { asked: [] } });
  await concludeInterruptedCalls(session, settings);
  await session.inbox?.open();
  if (session.inbox) session.followers.announceOwnership();
}

/** Replays what shaped the session. Returns: the fresh server object's answer to initialize */
async function replay(session: Session): Promise<Record<string, unknown>> {
  const { shape } = session.keeper;
  const pinned = { ...shape.initialize, protocolVersion: protocolVersionOf(shape) };
  const result = await request(session, 0, "initialize", pinned);
  if (shape.initialized) session.transport.receive({ jsonrpc: "2.0", method: "notifications/initialized" });
  if (shape.logLevel) await request(session, 1, "logging/setLevel", shape.logLevel);
  for (const [index, uri] of shape.subscriptions.entries()) {
    await request(session, 2 + index, "resources/subscribe", { uri });
  }
  // What the server says on account of the replay may come a turn later.
  await new Promise((resolve) => setTimeout(resolve, 0));
  return result;
}

async function request(
  session: Session,
  n: number,
  method: string,
  params: JsonRpcParams,
): Promise<Record<string, unknown>> {
  const answer = await session.transport.replay({ jsonrpc: "2.0", id: `replay:${n}`, method, params });
  if ("result" in answer) return answer.result;
  if (method === "initialize") throw notRestored(method, answer.error.message);
  return {};
}

function notRestored(method: string, reason: string): DurableMcpError {
  return new DurableMcpError(
    "INTERNAL",
    `The session could not be restored: the server object answered ${method} with: ${reason}`,
  );
}
