import type { Store } from "@durable-mcp/contract";
import { type DropInOptions, DropInTransport } from "@durable-mcp/core";
import { dropInStore, type SdkEventStore } from "@durable-mcp/sdk-event-store";
import { answerWebRequest } from "./answer-web-request.js";
import type { RequestFacts } from "./web-request.js";

/** Options of the drop-in class: those of the SDK's class of the same name, then our own. */
export interface WebStandardStreamableHTTPServerTransportOptions extends DropInOptions {
  /** Keeps the streams, so that clients can resume them: one of our stores, or an event store made for the SDK. */
  eventStore?: Store | SdkEventStore | undefined;
}

/**
 * Takes the place of the SDK's `WebStandardStreamableHTTPServerTransport`: the same options, methods, callbacks and
 * stateless use, on the streams of Durable MCP.
 *
 * Errors:  TypeError that names each wrong or unknown option and what was expected
 * Source:  G1-G3, G7; G4 on a durable store
 */
export class WebStandardStreamableHTTPServerTransport extends DropInTransport {
  constructor({ eventStore, ...options }: WebStandardStreamableHTTPServerTransportOptions = {}) {
    super(options, dropInStore(new.target.name, eventStore));
  }

  /** Answers one request. Returns: its response, when it has begun; its body may be a stream */
  handleRequest(request: Request, facts: RequestFacts = {}): Promise<Response> {
    return answerWebRequest(request, facts, async (asked, answer) => {
      const taken = await this.handle(asked, answer);
      await answer.closed;
      if (taken) await this.answered();
    });
  }
}
