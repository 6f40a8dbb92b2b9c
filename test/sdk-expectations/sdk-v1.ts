import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { CallToolRequestSchema, ListRootsResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { CAPABILITIES, INFO, LOG, type SdkUnderTest } from "./sdk-under-test.js";

export const SDK_V1: SdkUnderTest = {
  createServer: (onCall = () => "done", options) => {
    const server = new Server(INFO, {
      capabilities: CAPABILITIES,
      enforceStrictCapabilities: options?.strict ?? false,
    });
    server.setRequestHandler(CallToolRequestSchema, async (_request, extra) => {
      const text = await onCall({
        sessionId: extra.sessionId,
        authInfo: extra.authInfo,
        header: (name) => extra.requestInfo?.headers[name],
        url: extra.requestInfo?.url?.href,
        signal: extra.signal,
        closeConnection: extra.closeSSEStream,
        closeGetConnection: extra.closeStandaloneSSEStream,
        notify: () => extra.sendNotification(LOG),
        ask: (asking) => extra.sendRequest({ method: "roots/list" }, ListRootsResultSchema, asking),
      });
      return { content: [{ type: "text", text }] };
    });
    return server;
  },
  createMcpServer: () => new McpServer(INFO),
};
