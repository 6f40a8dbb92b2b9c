import { ErrorCode } from "@modelcontextprotocol/sdk/types.js";
import type { ClientChannel } from "./client-channel.js";
import { mapMessages } from "./content-uris.js";
import { RpcError, type RpcObject } from "./rpc.js";
import type { Upstream } from "./upstream.js";
import type { UriScheme } from "./uris.js";

/** Carries what upstreams say on their own account to the session's client. */
export class UpstreamMessages {
  readonly #channel: ClientChannel;
  readonly #uris: UriScheme;

  constructor(channel: ClientChannel, uris: UriScheme) {
    this.#channel = channel;
    this.#uris = uris;
  }

  /** Passes a notification on; one that clients of the gateway cannot make sense of is dropped. */
  notify(upstream: Upstream, method: string, params: RpcObject): void {
    switch (method) {
      case "notifications/message":
        this.#channel.notify(method, signed(upstream.app.name, params), upstream.relatedCall);
        return;
      case "notifications/elicitation/complete":
        this.#channel.notify(method, params, upstream.relatedCall);
        return;
      case "notifications/resources/updated":
        this.#channel.notify(method, this.#publicUri(upstream, params));
        return;
      case "notifications/tools/list_changed":
      case "notifications/prompts/list_changed":
      case "notifications/resources/list_changed":
        // Without parameters, so that the SDK makes one of those that come at once.
        this.#channel.notify(method);
        return;
    }
  }

  /**
   * Passes a request on to the client and its answer back.
   *
   * Errors:  RpcError: the client's own
   */
  async request(
    upstream: Upstream,
    method: string,
    params: RpcObject,
    signal: AbortSignal,
  ): Promise<RpcObject> {
    const options = {
      signal,
      relatedCall: upstream.relatedCall,
      onProgress: (progress: RpcObject) => {
        upstream.connection?.notify("notifications/progress", progress).catch(() => {});
      },
    };
    switch (method) {
      case "sampling/createMessage": {
        const toPublic = (uri: string) => this.#uris.toPublic(upstream.app.name, uri);
        const messages = mapMessages(params.messages, toPublic);
        return this.#channel.ask(method, { ...params, messages }, options);
      }
      case "elicitation/create":
      case "roots/list":
        return this.#channel.ask(method, params, options);
      default:
        throw new RpcError(ErrorCode.MethodNotFound, "Method not found");
    }
  }

  #publicUri(upstream: Upstream, params: RpcObject): RpcObject {
    if (typeof params.uri !== "string") return params;
    return { ...params, uri: this.#uris.toPublic(upstream.app.name, params.uri) };
  }
}

/** A log message that names no logger says at least which app it is from. */
function signed(app: string, params: RpcObject): RpcObject {
  return params.logger === undefined ? { ...params, logger: app } : params;
}
