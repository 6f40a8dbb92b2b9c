export { fromSdkEventStore, type SdkEventStore } from "@durable-mcp/sdk-event-store";
export { createNodeListener, handleNodeRequest, type NodeListenerOptions } from "./node-listener.js";
export type { RequestFacts } from "./node-request.js";
export { readStream } from "./read-stream.js";
export {
  StreamableHTTPServerTransport,
  type StreamableHTTPServerTransportOptions,
} from "./streamable-http-server-transport.js";
