import type { DurableMcpError, RequestId } from "@durable-mcp/contract";
import { rpcError, sendStatus } from "./answers.js";
import type { CallTable, Reply } from "./calls.js";
import type { HttpResponse } from "./http.js";
import { isRequest, type JsonRpcMessage, type JsonRpcRequest } from "./json-rpc.js";
import { shuttingDown } from "./session-errors.js";

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
    refuseRequest(message);
  }

  async cancel(id: RequestId): Promise<void> {
    this.#calls.cancel(id, this);
    this.#finish(id);
  }

  fail(error: DurableMcpError): void {
    for (const id of [...this.#unanswered]) void this.respond(id, JSON.stringify(rpcError(error, id)));
  }

  abandon(): void {
    this.fail(shuttingDown());
  }

  #finish(id: RequestId): void {
    this.#calls.finish(id, this);
    this.#unanswered.delete(id);
    if (this.#unanswered.size > 0) return;
    sendJson(this.#response, this.#headers, this.#responses, this.#batch);
  }
}

/** Answers with the responses to the requests of a POST: as JSON text, or 202 where all were cancelled. */
export function sendJson(
  response: HttpResponse,
  headers: Readonly<Record<string, string>>,
  responses: readonly string[],
  batch: boolean,
): void {
  const [first] = responses;
  if (first === undefined) {
    sendStatus(response, 202);
    return;
  }
  response.begin(200, { ...headers, "content-type": "application/json" });
  response.end(batch ? `[${responses.join(",")}]` : first);
}

/** Errors:  Error for a request of the server, which no JSON answer can carry; a notification is dropped */
export function refuseRequest(message: JsonRpcMessage): void {
  if (!isRequest(message)) return;
  throw new Error(
    `${message.method} cannot be sent: this endpoint answers with JSON, which has no stream to carry it.`,
  );
}
