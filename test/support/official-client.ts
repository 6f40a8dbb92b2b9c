import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  type JSONRPCMessage,
  ListRootsRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";

export const ROOTS = [{ uri: "file:///project", name: "project" }];

/** One HTTP request that the official client has made. */
interface ClientRequest {
  readonly method: string;
  readonly lastEventId: string | undefined;
  /** undefined while it has no answer; 0 = it never got one. */
  status: number | undefined;
}

/** The official client, connected; with everything it has asked for and everything it was told. */
export interface OfficialClient {
  readonly client: Client;
  readonly transport: StreamableHTTPClientTransport;
  readonly requests: ClientRequest[];
  /** Every JSON-RPC message it has received, in order. */
  readonly received: JSONRPCMessage[];
}

/** Connects the official client; it answers sampling, elicitation and roots. */
export async function connectOfficialClient(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<OfficialClient> {
  const client = new Client(
    { name: "official", version: "1.0.0" },
    { capabilities: { sampling: {}, elicitation: {}, roots: { listChanged: true } } },
  );
  client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => {
    const [first] = params.messages;
    const asked =
      first && !Array.isArray(first.content) && first.content.type === "text" ? first.content.text : "";
    return { role: "assistant", model: "none", content: { type: "text", text: `echo ${asked}` } };
  });
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => ({
    action: "accept",
    content: { response: `answer to ${params.message}` },
  }));
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: ROOTS }));

  const requests: ClientRequest[] = [];
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers },
    // The server's `retry` sets the pace; a server that is down for a while must not end the client's patience.
    reconnectionOptions: {
      initialReconnectionDelay: 50,
      maxReconnectionDelay: 50,
      reconnectionDelayGrowFactor: 1,
      maxRetries: 200,
    },
    fetch: async (input, init) => {
      const sent = new Headers(init?.headers);
      const request: ClientRequest = {
        method: init?.method ?? "GET",
        lastEventId: sent.get("last-event-id") ?? undefined,
        status: undefined,
      };
      requests.push(request);
      try {
        const response = await fetch(input, init);
        request.status = response.status;
        return response;
      } catch (error) {
        request.status = 0;
        throw error;
      }
    },
  });
  await client.connect(transport as Transport);
  const received: JSONRPCMessage[] = [];
  const deliver = transport.onmessage;
  transport.onmessage = (message: JSONRPCMessage) => {
    received.push(message);
    deliver?.(message);
  };
  return { client, transport, requests, received };
}
