import { DurableMcpError, type RequestId } from "@durable-mcp/contract";
import { rpcError, sendStatus } from "./answers.js";
import type { CallTable, Reply } from "./calls.js";
import type { HttpResponse } from "./http.js";
import { isRequest, type JsonRpcMessage, type JsonRpcRequest } from "./json-rpc.js";

/**
 * Answers the requests of one POST with one JSON body. Nothing is stored, since there is no event id to resume by;
 * related notifications are dropped and related requests fail at once, since there is no stream to carry them.
 */
export class JsonReply implements Reply {
  held = true;
  readonly #response: HttpResponse;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #calls: CallTable;
  readonly #batch: boolean;
  readonly #unanswered: Set<RequestId>;
  readonly #responses: string[] = [];

  constructor(
    response: HttpResponse,
    headers: Readonly<Record<string, string>>,
    calls: CallTable,
    requests: readonly JsonRpcRequest[],
    batch: boolean,
  ) {
    this.#response = response;
    this.#headers = headers;
    this.#calls = calls;
    this.#batch = batch;
    this.#unanswered = new Set(requests.map(({ id }) => id));
    response.onClose(() => {
      this.held = false;
    });
  }

  async respond(id: RequestId, response: string): Promise<void> {
    this.#responses.push(response);
    this.#finish(id);
  }

  async relate(message: JsonRpcMessage): Promise<void> {
    if (isRequest(message)) {
      throw new Error(
        `${message.method} cannot be sent: this endpoint answers with JSON, which has no stream to carry it.`,
      );
    }
  }

  async cancel(id: RequestId): Promise<void> {
    this.#calls.cancel(id, this);
    this.#finish(id);
  }

  fail(error: DurableMcpError): void {
    for (const id of [...this.#unanswered]) void this.respond(id, JSON.stringify(rpcError(error, id)));
  }

  abandon(): void {
    this.fail(new DurableMcpError("DRAINING", "This server is shutting down; try again."));
  }

  #finish(id: RequestId): void {
    this.#calls.finish(id, this);
    this.#unanswered.delete(id);
    if (this.#unanswered.size > 0) return;
    const [first] = this.#responses;
    if (first === undefined) {
      sendStatus(this.#response, 202);
      return;
    }
    this.#response.begin(200, { ...this.#headers, "content-type": "application/json" });
    this.#response.end(this.#batch ? `[${this.#responses.join(",")}]` : first);
  }
}
