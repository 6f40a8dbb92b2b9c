export { createMcpMiddleware, type McpMiddlewareOptions } from "./mcp-middleware.js";
