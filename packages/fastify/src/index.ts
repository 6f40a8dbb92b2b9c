export { type McpPluginOptions, mcpPlugin } from "./mcp-plugin.js";
