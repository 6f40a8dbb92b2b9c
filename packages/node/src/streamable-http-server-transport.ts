import type { IncomingMessage, ServerResponse } from "node:http";
import type { Store } from "@durable-mcp/contract";
import { type DropInOptions, DropInTransport } from "@durable-mcp/core";
import { dropInStore, type SdkEventStore } from "@durable-mcp/sdk-event-store";
import { nodeRequest } from "./node-request.js";
import { NodeResponse, onceClosed } from "./node-response.js";

/** Options of the drop-in class: those of the SDK's class of the same name, then our own. */
export interface StreamableHTTPServerTransportOptions extends DropInOptions {
  /** Keeps the streams, so that clients can resume them: one of our stores, or an event store made for the SDK. */
  eventStore?: Store | SdkEventStore | undefined;
}

/**
 * Takes the place of the SDK's `StreamableHTTPServerTransport`: the same options, methods, callbacks and stateless use,
 * on the streams of Durable MCP.
 *
 * Errors:  TypeError that names each wrong or unknown option and what was expected
 * Source:  G1-G3, G7; G4 on a durable store
 */
export class StreamableHTTPServerTransport extends DropInTransport {
  constructor({ eventStore, ...options }: StreamableHTTPServerTransportOptions = {}) {
    super(options, dropInStore(new.target.name, eventStore));
  }

  /**
   * Answers one request. `parsedBody` is for a request whose JSON somebody has parsed already.
   *
   * Returns: resolves when the answer is complete, or its client has gone away
   */
  async handleRequest(
    request: IncomingMessage & { auth?: unknown },
    response: ServerResponse,
    parsedBody?: unknown,
  ): Promise<void> {
    const taken = await this.handle(nodeRequest(request, { parsedBody }), new NodeResponse(response));
    await new Promise<void>((resolve) => onceClosed(response, resolve));
    if (taken) await this.answered();
  }
}
