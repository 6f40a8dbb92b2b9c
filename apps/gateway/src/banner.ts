import type { AppConfig } from "./config.js";
import type { Gateway } from "./gateway.js";
import { describeStore } from "./open-store.js";
import type { GatewayOptions } from "./options.js";

const PROTOCOL_VERSION = "2025-11-25";
const INITIALIZE = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: PROTOCOL_VERSION, capabilities: {}, clientInfo: { name: "curl", version: "1" } },
});
const LIST_TOOLS = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" });
const JSON_OR_STREAM = "-H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream'";

/** What the gateway prints once it listens: where it is, what it keeps where, what it fronts, and lines to try. */
export function banner(gateway: Gateway, options: GatewayOptions): string {
  const apps = gateway.apps.map((app) => `${app.name} (${describeApp(app)})`);
  return `Durable MCP gateway
  endpoint   ${gateway.url}
  store      ${describeStore(options.store)}
  upstreams  ${apps.join("\n             ")}

Try it:
  npx @modelcontextprotocol/inspector --cli ${gateway.url} --transport http --method tools/list
  curl -isN ${gateway.url} ${JSON_OR_STREAM} -d '${INITIALIZE}'
  curl -isN ${gateway.url} ${JSON_OR_STREAM} -H 'MCP-Protocol-Version: ${PROTOCOL_VERSION}' -H 'Mcp-Session-Id: <id from above>' -d '${LIST_TOOLS}'
`;
}

/** How an app is reached. Arguments and queries may hold secrets and are not shown. */
function describeApp(app: AppConfig): string {
  if (app.kind === "stdio") return `stdio: ${app.command}`;
  const { origin, pathname } = new URL(app.url);
  return `http: ${origin}${pathname}`;
}
