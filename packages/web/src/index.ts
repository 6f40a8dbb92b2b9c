export { createWebHandler } from "./web-handler.js";
export type { RequestFacts } from "./web-request.js";
export {
  WebStandardStreamableHTTPServerTransport,
  type WebStandardStreamableHTTPServerTransportOptions,
} from "./web-standard-streamable-http-server-transport.js";
