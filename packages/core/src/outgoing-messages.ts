import { DurableMcpError, type RequestId } from "@durable-mcp/contract";
import { asDurableMcpError, rpcError } from "./answers.js";
import type { Call, CallTable } from "./calls.js";
import { isRequest, isResponse, type JsonRpcMessage, type JsonRpcResponse } from "./json-rpc.js";
import type { RecordKeeper } from "./record-keeper.js";
import { toWire } from "./server-request-ids.js";
import { reshape } from "./session-shape.js";
import type { StreamWriter } from "./stream-writer.js";

export interface OutgoingMessagesOptions {
  readonly keeper: RecordKeeper;
  readonly calls: CallTable;
  /** Writes the session's GET stream. */
  readonly getWriter: StreamWriter;
  /** Takes what went wrong where nobody waits for it. */
  readonly onError: (error: unknown) => void;
}

/** What the server object says: each message finds the stream that it belongs to, and what it changes is kept. */
export class OutgoingMessages {
  readonly #keeper: RecordKeeper;
  readonly #calls: CallTable;
  readonly #getWriter: StreamWriter;
  readonly #onError: (error: unknown) => void;

  constructor({ keeper, calls, getWriter, onError }: OutgoingMessagesOptions) {
    this.#keeper = keeper;
    this.#calls = calls;
    this.#getWriter = getWriter;
    this.#onError = onError;
  }

  /**
   * Sends a message: a response on its request's stream, anything related to a request there too, the rest on the GET
   * stream.
   *
   * Returns: for a notification when it has entered the window of appends under way, else when it is stored
   * Errors:  what the store says; Error for a message that belongs to a request which is answered or cancelled
   */
  async send(message: JsonRpcMessage, relatedRequestId: RequestId | undefined): Promise<void> {
    if (isResponse(message)) return this.#respond(message);
    const onWire = toWire(message, this.#keeper.fence);
    if (!isRequest(onWire)) {
      if (message.method === "notifications/cancelled" && !isResponse(onWire)) {
        this.forgetAsked(String(onWire.params?.requestId));
      }
      return this.#append(onWire, relatedRequestId);
    }
    const wireId = String(onWire.id);
    const asked = [...this.#keeper.shape.asked, wireId];
    // Only a restore needs the record; what counts for the sender is whether the client gets to see the request.
    this.#keeper.change({ shape: { asked } }).catch(this.#onError);
    try {
      await this.#append(onWire, relatedRequestId);
    } catch (error) {
      this.forgetAsked(wireId);
      throw error;
    }
  }

  /** Sends a message on the GET stream. */
  async notify(message: JsonRpcMessage): Promise<void> {
    const event = { kind: "message", payload: JSON.stringify(message) } as const;
    return isRequest(message) ? this.#getWriter.append(event) : this.#getWriter.post(event, this.#onError);
  }

  /** One of the server's own requests does not wait for an answer any more. */
  forgetAsked(wireId: string): void {
    const { asked } = this.#keeper.shape;
    if (!asked.includes(wireId)) return;
    const remaining = asked.filter((other) => other !== wireId);
    this.#keeper.change({ shape: { asked: remaining } }).catch(this.#onError);
  }

  async #append(message: JsonRpcMessage, relatedRequestId: RequestId | undefined): Promise<void> {
    if (relatedRequestId === undefined) return this.notify(message);
    const call = this.#calls.get(relatedRequestId);
    if (call) return call.reply.relate(message);
    // The server's request was sent for a call that has ended since; the client must hear of its end all the same.
    if ("method" in message && message.method === "notifications/cancelled") return this.notify(message);
    // SDK v2's handlers are not stopped from reporting progress of a call that is cancelled.
    if (!isRequest(message) && this.#calls.wasCancelled(relatedRequestId)) return;
    throw new Error(`Request ${relatedRequestId} is answered or cancelled: nothing more can be sent for it.`);
  }

  async #respond(response: JsonRpcResponse): Promise<void> {
    const { id } = response;
    const call = id === undefined || id === null ? undefined : this.#calls.get(id);
    if (!call) return;
    if ("result" in response) await this.#keepShape(call, response.result);
    // Meanwhile the client may have cancelled the request.
    if (this.#calls.get(call.request.id) === call)
      await call.reply.respond(call.request.id, this.#textOf(response));
  }

  /** A response as JSON text; what JSON cannot say (a BigInt, a circle) becomes an error that says so. */
  #textOf(response: JsonRpcResponse): string {
    try {
      return JSON.stringify(response);
    } catch (error) {
      this.#onError(error);
      const unsayable = new DurableMcpError("INTERNAL", "The result cannot be written as JSON.", {
        cause: error,
      });
      return JSON.stringify(rpcError(unsayable, response.id ?? null));
    }
  }

  /** Keeps what a successful request changes of the session: what cannot be stored must not be answered as done. */
  async #keepShape(call: Call, result: Readonly<Record<string, unknown>>): Promise<void> {
    try {
      const shape = reshape(this.#keeper.shape, call.request, result);
      if (shape) await this.#keeper.change({ shape });
    } catch (error) {
      call.reply.fail(asDurableMcpError(error));
      throw error;
    }
  }
}
