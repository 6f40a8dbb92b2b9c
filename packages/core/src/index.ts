export type { JsonObject, JsonValue } from "@durable-mcp/contract";
export { createMcpEndpoint, type EndpointStats, type McpEndpoint } from "./endpoint.js";
export type { HttpBody, HttpRequest, HttpResponse } from "./http.js";
export type { JsonRpcMessage, JsonRpcNotification, JsonRpcRequest, JsonRpcResponse } from "./json-rpc.js";
export type { Logger } from "./logger.js";
export type { McpEndpointOptions, OnInterrupted, ServerLike, SessionContext } from "./options.js";
export type { Principal, PrincipalOf } from "./principal.js";
export type { MessageExtra, ServerTransport } from "./server-transport.js";
