import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { McpError, type RequestId } from "@modelcontextprotocol/sdk/types.js";
import { AnyResult, isJsonObject, RpcError, type RpcObject } from "./rpc.js";

/** People answer these requests: they end when the upstream takes them back, not by our clock. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;
/** Notifications under way from which on the upstreams are slowed down, and down to which they stay so. */
const HIGH_WATER = 256;
const LOW_WATER = 64;

/** How a request to the client is to be made. */
export interface AskOptions {
  /** Aborting it cancels the request at the client. */
  readonly signal: AbortSignal;
  /** The client's own call that it belongs to. */
  readonly relatedCall: RequestId | undefined;
  /** Takes the client's progress, with the token of the one who asked for it. */
  readonly onProgress: (progress: RpcObject) => void;
}

/** What goes from a session to its client: on the stream of the call it belongs to, else on the general one. */
export class ClientChannel {
  readonly #server: Server;
  readonly #onPressure: (pressed: boolean) => void;
  #underWay = 0;
  #pressed = false;

  /** Shapes:  onPressure: told when notifications come faster than they can be stored, and when that is over (G7) */
  constructor(server: Server, onPressure: (pressed: boolean) => void) {
    this.#server = server;
    this.#onPressure = onPressure;
  }

  /** Sends a notification. One that cannot be sent is dropped: the session has ended or the client takes none. */
  notify(method: string, params?: RpcObject, relatedCall?: RequestId): void {
    const notification = params === undefined ? { method } : { method, params };
    const general = () => this.#server.notification(notification);
    if (relatedCall === undefined) this.#count(general());
    else
      this.#count(this.#server.notification(notification, { relatedRequestId: relatedCall }).catch(general));
  }

  /** Sends a call's progress, which has no other place than the call's own stream. */
  progress(params: RpcObject, call: RequestId): void {
    const notification = { method: "notifications/progress", params };
    this.#count(this.#server.notification(notification, { relatedRequestId: call }));
  }

  /**
   * Sends an upstream's request to the client and returns its result untouched.
   *
   * Errors:  RpcError: the client's own; anything else means that it could not be sent
   */
  async ask(method: string, params: RpcObject, options: AskOptions): Promise<RpcObject> {
    const { signal, relatedCall, onProgress } = options;
    const { progressToken } = isJsonObject(params._meta) ? params._meta : {};
    const wantsProgress = progressToken !== undefined && {
      onprogress: (progress: object) => onProgress({ ...progress, progressToken }),
    };
    const send = async (related?: { relatedRequestId: RequestId }) => {
      const how = { signal, timeout: NO_TIMEOUT_MS, ...wantsProgress, ...related };
      try {
        return await this.#server.request({ method, params: { ...params } }, AnyResult, how);
      } catch (error) {
        throw error instanceof McpError ? RpcError.from(error) : error;
      }
    };
    if (relatedCall === undefined) return send();
    try {
      return await send({ relatedRequestId: relatedCall });
    } catch (error) {
      // Not the client's answer: the call's stream has ended, or it has none.
      if (error instanceof RpcError || signal.aborted) throw error;
      return send();
    }
  }

  #count(sent: Promise<void>): void {
    this.#underWay += 1;
    if (!this.#pressed && this.#underWay >= HIGH_WATER) this.#press(true);
    const done = () => {
      this.#underWay -= 1;
      if (this.#pressed && this.#underWay <= LOW_WATER) this.#press(false);
    };
    sent.then(done, done);
  }

  #press(pressed: boolean): void {
    this.#pressed = pressed;
    this.#onPressure(pressed);
  }
}
