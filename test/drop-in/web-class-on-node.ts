import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { AuthInfo } from "@modelcontextprotocol/sdk/server/auth/types.js";
import type { AnyTransport, TransportClass, WebTransportClass } from "./transport-classes.js";

/** Everything of a web-standard transport that has the same form in the classes for Node. */
type WithoutRequests = new (
  ...options: ConstructorParameters<TransportClass>
) => Omit<AnyTransport, "handleRequest">;

/**
 * A web-standard class in the form of the classes for Node, so that the tests of those are its tests too. What stands
 * between node:http and the class is `@hono/node-server`, as in the SDK's own class for Node.
 */
export function onNode(WebTransport: WebTransportClass): TransportClass {
  return class extends (WebTransport as WithoutRequests) {
    handleRequest(
      incoming: IncomingMessage & { auth?: AuthInfo },
      outgoing: ServerResponse,
      parsedBody?: unknown,
    ): Promise<void> {
      const facts = { parsedBody, ...(incoming.auth && { authInfo: incoming.auth }) };
      const answer = (request: Request) => WebTransport.prototype.handleRequest.call(this, request, facts);
      return getRequestListener(answer, { overrideGlobalObjects: false })(
        incoming,
        outgoing,
      ) as Promise<void>;
    }
  };
}
