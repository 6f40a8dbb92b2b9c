import type { CreateServerObject } from "@durable-mcp/contract-tests";
import { Server as ServerV1 } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { Server as ServerV2 } from "@modelcontextprotocol/server";
import type { SdkName } from "../support/sdk-table.js";

const INFO = { name: "binding", version: "1.0.0" };
const CAPABILITIES = { tools: {}, logging: {} };

/** Makes the binding suite's server objects with each SDK. */
export const SERVER_OBJECTS: Record<SdkName, CreateServerObject> = {
  v1: (onToolCall) => {
    const server = new ServerV1(INFO, { capabilities: CAPABILITIES });
    server.setRequestHandler(CallToolRequestSchema, async (_request, extra) => {
      const text = await onToolCall({
        id: extra.requestId,
        authInfo: extra.authInfo,
        url: extra.requestInfo?.url?.href,
        header: (name) => extra.requestInfo?.headers[name],
        notify: (data) => extra.sendNotification(message(data)),
        closeConnection: () => extra.closeSSEStream?.(),
      });
      return { content: [{ type: "text", text }] };
    });
    return { server, notify: (data) => server.notification(message(data)) };
  },
  v2: (onToolCall) => {
    const server = new ServerV2(INFO, { capabilities: CAPABILITIES });
    server.setRequestHandler("tools/call", async (_request, { mcpReq, http }) => {
      const text = await onToolCall({
        id: mcpReq.id,
        authInfo: http?.authInfo,
        url: http?.req?.url,
        header: (name) => http?.req?.headers.get(name),
        notify: (data) => mcpReq.notify(message(data)),
        closeConnection: () => http?.closeSSE?.(),
      });
      return { content: [{ type: "text", text }] };
    });
    return { server, notify: (data) => server.notification(message(data)) };
  },
};

function message(data: string) {
  return { method: "notifications/message" as const, params: { level: "info" as const, data } };
}
