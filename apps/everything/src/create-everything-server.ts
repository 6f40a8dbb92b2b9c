import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { registerPrompts } from "./prompts.js";
import { registerResources } from "./resources.js";
import { SessionLog } from "./session-log.js";
import { registerClientRequestTools } from "./tools-client-requests.js";
import { registerContentTools } from "./tools-content.js";
import { registerElicitationTools } from "./tools-elicitation.js";
import { registerJsonSchemaTool } from "./tools-json-schema.js";
import { registerSessionTools } from "./tools-session.js";
import { registerStreamingTools } from "./tools-streaming.js";

/** A server with something of everything of the sessionful era, for one session. */
export function createEverythingServer(): McpServer {
  const server = new McpServer(
    { name: "everything", version: "1.0.0" },
    {
      capabilities: { logging: {}, tools: { listChanged: true }, prompts: { listChanged: true } },
      // A restored server object that has forgotten what its client can do refuses to ask it.
      enforceStrictCapabilities: true,
    },
  );
  const log = new SessionLog(server);
  const subscriptions = registerResources(server);
  registerPrompts(server);
  registerContentTools(server);
  registerStreamingTools(server, log);
  registerClientRequestTools(server);
  registerElicitationTools(server);
  registerJsonSchemaTool(server);
  registerSessionTools(server, log, subscriptions);
  return server;
}
