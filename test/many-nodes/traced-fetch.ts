import { parseEventId } from "@durable-mcp/contract";
import { NODE_HEADER } from "../support/nginx-config.js";
import type { WireMessage } from "../support/recorded-stream.js";

type RequestId = string | number;

/** One HTTP request of a client, and which node has answered it. */
export interface Exchange {
  readonly method: string;
  /** The JSON-RPC message of a POST. */
  readonly message: WireMessage | undefined;
  readonly lastEventId: string | undefined;
  /** HTTP status; undefined while it has no answer. */
  status: number | undefined;
  /** Address of the node, as the load balancer has named it. */
  node: string | undefined;
  /** Destroys its socket. */
  cut(): void;
}

/** The `fetch` of one client, which keeps account of what it fetches. */
export class TracedFetch {
  readonly exchanges: Exchange[] = [];

  readonly fetch = async (input: string | URL, init: RequestInit = {}): Promise<Response> => {
    const cutter = new AbortController();
    const exchange: Exchange = {
      method: init.method ?? "GET",
      message: typeof init.body === "string" ? JSON.parse(init.body) : undefined,
      lastEventId: new Headers(init.headers).get("last-event-id") ?? undefined,
      status: undefined,
      node: undefined,
      cut: () => cutter.abort(new Error("cut by the test")),
    };
    this.exchanges.push(exchange);
    const signal = init.signal ? AbortSignal.any([init.signal, cutter.signal]) : cutter.signal;
    const response = await fetch(input, { ...init, signal });
    exchange.status = response.status;
    exchange.node = response.headers.get(NODE_HEADER) ?? undefined;
    return response;
  };

  /** The newest request whose answer carries that tool call: its POST, or a resume of its stream. */
  connectionOf(isCall: (message: WireMessage) => boolean): Exchange | undefined {
    const call = this.exchanges.find(({ message }) => message?.method === "tools/call" && isCall(message));
    const id = call?.message?.id;
    if (id === undefined) return undefined;
    return this.exchanges.findLast((exchange) => requestIdsOf(exchange).includes(id));
  }

  /** The newest GET that follows what belongs to no call. */
  notifications(): Exchange | undefined {
    return this.exchanges.findLast(
      (exchange) => exchange.method === "GET" && requestIdsOf(exchange).length === 0,
    );
  }
}

/** JSON-RPC ids of the requests whose answers come by this exchange. */
export function requestIdsOf({ message, lastEventId }: Exchange): readonly RequestId[] {
  if (message) return message.id !== undefined && message.method !== undefined ? [message.id] : [];
  const stream = lastEventId === undefined ? undefined : parseEventId(lastEventId)?.stream;
  return stream?.kind === "post" ? (stream.requestIds ?? []) : [];
}
