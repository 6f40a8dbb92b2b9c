import type { Transport, TransportSendOptions } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";

/** Under this name a request's `_meta` says by which id it is to be sent. */
export const SEND_AS = "chaos.test/send-as";

/**
 * Gives the requests of the official client, which counts from 0 in every session, ids that name the session and the call; their
 * progress tokens too. The client does not notice.
 */
export class MarkedTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #inner: Transport;
  readonly #mark: string;
  readonly #observe: (message: JSONRPCMessage) => void;
  readonly #onCursor: (cursor: string, call: string) => void;
  /** The client's own ids. */
  readonly #ids = new Map<string, string | number>();

  constructor(
    inner: Transport,
    mark: string,
    observe: (message: JSONRPCMessage) => void,
    onCursor: (cursor: string, call: string) => void,
  ) {
    this.#inner = inner;
    this.#mark = mark;
    this.#observe = observe;
    this.#onCursor = onCursor;
  }

  async start(): Promise<void> {
    this.#inner.onclose = () => this.onclose?.();
    this.#inner.onerror = (error) => this.onerror?.(error);
    this.#inner.onmessage = (message) => {
      this.#observe(message);
      const own = this.#unmarked(message);
      if (own) this.onmessage?.(own);
    };
    await this.#inner.start();
  }

  send(message: JSONRPCMessage, options: TransportSendOptions = {}): Promise<void> {
    if (!("method" in message && "id" in message)) return this.#inner.send(message, options);
    const { [SEND_AS]: name, ...meta } = { ...message.params?._meta };
    const id = typeof name === "string" ? name : `${this.#mark}.client-${message.id}`;
    this.#ids.set(id, message.id);
    if (meta.progressToken !== undefined) meta.progressToken = id;
    const params = { ...message.params, ...(Object.keys(meta).length > 0 ? { _meta: meta } : {}) };
    if (Object.keys(meta).length === 0) delete (params as { _meta?: unknown })._meta;
    const onresumptiontoken = (cursor: string) => this.#onCursor(cursor, id);
    return this.#inner.send({ ...message, id, params }, { ...options, onresumptiontoken });
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  setProtocolVersion(version: string): void {
    this.#inner.setProtocolVersion?.(version);
  }

  /** The message under the client's own id; undefined if it answers nothing of this client. */
  #unmarked(message: JSONRPCMessage): JSONRPCMessage | undefined {
    if (!("method" in message)) {
      const id = this.#ids.get(String(message.id));
      return id === undefined ? undefined : { ...message, id };
    }
    if (message.method !== "notifications/progress") return message;
    const progressToken = this.#ids.get(String(message.params?.progressToken));
    return progressToken === undefined
      ? undefined
      : { ...message, params: { ...message.params, progressToken } };
  }
}
