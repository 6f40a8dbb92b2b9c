import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import {
  CreateMessageResultSchema,
  ElicitResultSchema,
  ListRootsResultSchema,
  type ServerNotification,
  type ServerRequest,
} from "@modelcontextprotocol/sdk/types.js";
import type { ToolCall } from "../tool.js";
import { sampledText, samplingParams } from "../tools-client-requests.js";

/** A call as SDK v1 hands it to its handler. */
export function toolCallOf(extra: RequestHandlerExtra<ServerRequest, ServerNotification>): ToolCall {
  return {
    signal: extra.signal,
    progressToken: extra._meta?.progressToken,
    notify: extra.sendNotification,
    sample: async (prompt) => {
      const method = "sampling/createMessage";
      const params = samplingParams(prompt);
      const { content } = await extra.sendRequest({ method, params }, CreateMessageResultSchema);
      return sampledText(content);
    },
    elicit: (params) => extra.sendRequest({ method: "elicitation/create", params }, ElicitResultSchema),
    listRoots: async () => (await extra.sendRequest({ method: "roots/list" }, ListRootsResultSchema)).roots,
    closeConnection: () => extra.closeSSEStream?.(),
  };
}
