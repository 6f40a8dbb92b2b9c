import { type Exchange, requestIdsOf, type TracedFetch } from "./traced-fetch.js";

/** What is told apart: requests of a session that must find their way to its owner, or to what another node has said. */
type Errand = "request" | "answer to the server" | "resumed call" | "DELETE";

interface NodeTally {
  /** HTTP requests by the node that has answered them. */
  readonly byNode: ReadonlyMap<string, number>;
  /** How many there were of each, and how many of them at another node than where the session was opened. */
  readonly errands: ReadonlyMap<Errand, { readonly total: number; readonly elsewhere: number }>;
}

/** Counts which nodes have answered. Shapes:  traces: one per session */
export function tallyNodes(traces: readonly TracedFetch[]): NodeTally {
  const byNode = new Map<string, number>();
  const errands = new Map<Errand, { total: number; elsewhere: number }>();
  for (const { exchanges } of traces) {
    const owner = exchanges.find(({ message }) => message?.method === "initialize")?.node;
    for (const exchange of exchanges) {
      if (exchange.node !== undefined) byNode.set(exchange.node, (byNode.get(exchange.node) ?? 0) + 1);
      const errand = errandOf(exchange);
      if (!errand || exchange.node === undefined) continue;
      const { total, elsewhere } = errands.get(errand) ?? { total: 0, elsewhere: 0 };
      errands.set(errand, { total: total + 1, elsewhere: elsewhere + (exchange.node === owner ? 0 : 1) });
    }
  }
  return { byNode, errands };
}

function errandOf(exchange: Exchange): Errand | undefined {
  const { method, message } = exchange;
  if (method === "DELETE") return "DELETE";
  if (method === "GET") return requestIdsOf(exchange).length > 0 ? "resumed call" : undefined;
  if (message?.method === undefined) return "answer to the server";
  return message.id === undefined || message.method === "initialize" ? undefined : "request";
}
