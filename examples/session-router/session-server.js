// @ts-check
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import { appsOf, text } from "./apps.js";
import { appNames } from "./query.js";

/** @typedef {import("@modelcontextprotocol/sdk/server/mcp.js").RegisteredTool} RegisteredTool */

/**
 * Builds the server object of a session, and builds it again after a restart, from what is stored with the session: its
 * user, the query of the request that opened it, and its state.
 * @param {import("@durable-mcp/core").SessionContext} session
 */
export function createSessionServer(session) {
  const { query, principal } = session;
  const server = new McpServer({ name: "session-router", version: "1.0.0" });
  const apps = appsOf(principal?.subject ?? "");
  // An app that the user may not have any more is gone after a restart.
  const tools = new Map(
    appNames(query, apps).flatMap((name) => Object.entries(apps.get(name)?.(server) ?? {})),
  );
  if (query.mode === "dynamic") addEnableTools(server, tools, session);
  return server;
}

/**
 * Hides the tools but for those that this session has enabled, and adds the tool that enables them.
 * @param {McpServer} server
 * @param {Map<string, RegisteredTool>} tools
 * @param {import("@durable-mcp/core").SessionContext} session
 */
function addEnableTools(server, tools, session) {
  const enabled = z.array(z.string()).default([]).parse(session.state.enabled);
  for (const [name, tool] of tools) tool.enabled = enabled.includes(name);

  const config = {
    description: "Enables tools for this session",
    inputSchema: { tools: z.array(z.enum([...tools.keys()])).min(1) },
  };
  server.registerTool("enable-tools", config, async ({ tools: wanted }) => {
    for (const [name, tool] of tools) tool.enabled ||= wanted.includes(name);
    const names = [...tools].filter(([, tool]) => tool.enabled).map(([name]) => name);
    // Stored before anybody hears of it: a restart cannot take it back.
    await session.setState({ enabled: names });
    server.sendToolListChanged();
    return text(`Enabled: ${names.join(", ")}`);
  });
}
