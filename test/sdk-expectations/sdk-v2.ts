import { McpServer, Server } from "@modelcontextprotocol/server";
import { CAPABILITIES, INFO, LOG, type SdkUnderTest } from "./sdk-under-test.js";

export const SDK_V2: SdkUnderTest = {
  createServer: (onCall = () => "done", options) => {
    const server = new Server(INFO, {
      capabilities: CAPABILITIES,
      enforceStrictCapabilities: options?.strict ?? false,
    });
    server.setRequestHandler("tools/call", async (_request, { sessionId, mcpReq, http }) => {
      const text = await onCall({
        sessionId,
        authInfo: http?.authInfo,
        header: (name) => http?.req?.headers.get(name),
        url: http?.req?.url,
        signal: mcpReq.signal,
        closeConnection: http?.closeSSE,
        closeGetConnection: http?.closeStandaloneSSE,
        notify: () => mcpReq.notify(LOG),
        ask: (asking) => mcpReq.send({ method: "roots/list" }, asking),
      });
      return { content: [{ type: "text", text }] };
    });
    return server;
  },
  createMcpServer: () => new McpServer(INFO),
};
