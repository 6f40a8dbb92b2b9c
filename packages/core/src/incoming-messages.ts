import type { CallTable } from "./calls.js";
import { isRequest, isResponse, isUsableId, type JsonRpcMessage } from "./json-rpc.js";
import type { OutgoingMessages } from "./outgoing-messages.js";
import type { RecordKeeper } from "./record-keeper.js";
import { fromWire } from "./server-request-ids.js";
import type { MessageExtra, ServerTransport } from "./server-transport.js";

export interface IncomingMessagesOptions {
  readonly keeper: RecordKeeper;
  readonly calls: CallTable;
  readonly outgoing: OutgoingMessages;
  readonly transport: ServerTransport;
}

/** What the client says: what it changes of the session is kept, then the server object hears of it. */
export class IncomingMessages {
  readonly #options: IncomingMessagesOptions;

  constructor(options: IncomingMessagesOptions) {
    this.#options = options;
  }

  /** Takes a message of the client. Resolves when what it changes of the session is stored. */
  async receive(message: JsonRpcMessage, extra: MessageExtra): Promise<void> {
    const { keeper, outgoing, transport } = this.#options;
    const own = fromWire(message, keeper.fence);
    if (!own) return;
    if (isResponse(message)) outgoing.forgetAsked(String(message.id));
    else if (message.method === "notifications/initialized")
      await keeper.change({ shape: { initialized: true } });
    transport.receive(own, extra);
    const isNotification = !isResponse(message) && !isRequest(message);
    if (isNotification && message.method === "notifications/cancelled")
      this.#cancel(message.params?.requestId);
  }

  #cancel(requestId: unknown): void {
    if (!isUsableId(requestId)) return;
    const { calls } = this.#options;
    const call = calls.get(requestId);
    if (!call) calls.cancelEarly(requestId, Date.now());
    else if (call.request.method !== "initialize") void call.reply.cancel(requestId);
  }
}
