import { McpServer } from "@modelcontextprotocol/server";
import { EverythingSession } from "../everything-session.js";
import { SERVER_INFO, SERVER_SETTINGS } from "../server-settings.js";
import { everyTool } from "../tools.js";
import { registerPrompts } from "./prompts.js";
import { registerResources } from "./resources.js";
import { toolCallOf } from "./tool-call.js";

/** A server of SDK v2 with something of everything of the sessionful era, for one session. */
export function createEverythingServer(): McpServer {
  const server = new McpServer(SERVER_INFO, SERVER_SETTINGS);
  const session = new EverythingSession((notification) => server.server.notification(notification));
  server.server.setRequestHandler("logging/setLevel", ({ params }) => {
    session.logLevel = params.level;
    return {};
  });
  for (const tool of everyTool(session)) {
    server.registerTool(tool.name, tool.config, (args, context) => tool.run(args, toolCallOf(context)));
  }
  registerPrompts(server);
  registerResources(server.server, session);
  return server;
}
