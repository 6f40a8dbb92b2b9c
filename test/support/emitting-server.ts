import type { ServerLike } from "@durable-mcp/core";
import { Server as ServerV1 } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema, SubscribeRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { Server as ServerV2 } from "@modelcontextprotocol/server";
import type { SdkName } from "./sdk-table.js";

/** What a call of the emitting server can say and do before it ends, whichever SDK carries it. */
export interface CallChannel {
  /** Sends a notification that belongs to the call. `data` is what the client will see. */
  notify(data: string): Promise<void>;
  /** Ends the connection that waits for the answer, where the client's revision knows that. */
  closeConnection(): void;
}

/** Takes each call that is dispatched. Resolves with the text of its result; rejects with its JSON-RPC error. */
type OnCall = (id: string | number, channel: CallChannel) => Promise<string>;

/** A server object whose only tool says what the test tells it to. */
export interface EmittingServer {
  readonly server: ServerLike;
  /** Sends a notification that belongs to no call. */
  notify(data: string): Promise<void>;
}

const INFO = { name: "emitting", version: "1.0.0" };
const CAPABILITIES = { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} };

const MAKERS: Record<SdkName, (onCall: OnCall) => EmittingServer> = {
  v1: (onCall) => {
    const server = new ServerV1(INFO, { capabilities: CAPABILITIES });
    server.setRequestHandler(SubscribeRequestSchema, () => ({}));
    server.setRequestHandler(CallToolRequestSchema, async (_request, extra) => {
      const text = await onCall(extra.requestId, {
        notify: (data) => extra.sendNotification(message(data)),
        closeConnection: () => extra.closeSSEStream?.(),
      });
      return { content: [{ type: "text", text }] };
    });
    return { server, notify: (data) => server.notification(message(data)) };
  },
  v2: (onCall) => {
    const server = new ServerV2(INFO, { capabilities: CAPABILITIES });
    server.setRequestHandler("resources/subscribe", () => ({}));
    server.setRequestHandler("tools/call", async (_request, { mcpReq, http }) => {
      const text = await onCall(mcpReq.id, {
        notify: (data) => mcpReq.notify(message(data)),
        closeConnection: () => http?.closeSSE?.(),
      });
      return { content: [{ type: "text", text }] };
    });
    return { server, notify: (data) => server.notification(message(data)) };
  },
};

/** Makes a server object of that SDK. */
export function createEmittingServer(sdk: SdkName, onCall: OnCall): EmittingServer {
  return MAKERS[sdk](onCall);
}

function message(data: string) {
  return { method: "notifications/message" as const, params: { level: "info" as const, data } };
}
