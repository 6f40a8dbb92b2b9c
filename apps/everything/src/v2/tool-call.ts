import type { ServerContext } from "@modelcontextprotocol/server";
import type { ToolCall } from "../tool.js";
import { sampledText, samplingParams } from "../tools-client-requests.js";

/** A call as SDK v2 hands it to its handler. */
export function toolCallOf({ mcpReq, http }: ServerContext): ToolCall {
  return {
    signal: mcpReq.signal,
    progressToken: mcpReq._meta?.progressToken,
    notify: mcpReq.notify,
    sample: async (prompt) => {
      const params = samplingParams(prompt);
      const { content } = await mcpReq.send({ method: "sampling/createMessage", params });
      return sampledText(content);
    },
    elicit: (params) => mcpReq.send({ method: "elicitation/create", params }),
    listRoots: async () => (await mcpReq.send({ method: "roots/list" })).roots,
    closeConnection: () => http?.closeSSE?.(),
  };
}
