import { ErrorCode } from "@modelcontextprotocol/sdk/types.js";
import { mapResultUris } from "./content-uris.js";
import { LIST_KINDS, type ListKind, PROMPTS, RESOURCE_TEMPLATES, RESOURCES, TOOLS } from "./list-kinds.js";
import type { NameScheme } from "./names.js";
import { invalidParams, Routes } from "./routes.js";
import { isJsonObject, RpcError, type RpcObject } from "./rpc.js";
import { withoutTask } from "./tool-call.js";
import type { ClientCall, Upstream } from "./upstream.js";
import type { UriScheme } from "./uris.js";

/** What a session's client may ask for, answered by its upstreams. */
export class ClientRequests {
  readonly #upstreams: ReadonlyMap<string, Upstream>;
  readonly #names: NameScheme;
  readonly #uris: UriScheme;
  readonly #routes: Routes;
  readonly #restored: boolean;

  /** Shapes:  upstreams: by app name, in the order of the configuration; restored: see `#subscribe` */
  constructor(
    upstreams: ReadonlyMap<string, Upstream>,
    schemes: { readonly names: NameScheme; readonly uris: UriScheme },
    restored: boolean,
  ) {
    this.#upstreams = upstreams;
    this.#names = schemes.names;
    this.#uris = schemes.uris;
    this.#routes = new Routes(upstreams, schemes.names, schemes.uris);
    this.#restored = restored;
  }

  /**
   * Answers one request.
   *
   * Errors:  RpcError, ready for the wire
   */
  async answer(method: string, params: RpcObject, call: ClientCall): Promise<RpcObject> {
    const list = LIST_KINDS.find((kind) => kind.method === method);
    if (list) {
      // Lists come in one page: no cursor is ours.
      if (params.cursor !== undefined) throw invalidParams("Unknown cursor");
      return { [list.key]: await this.#mergedList(list) };
    }
    switch (method) {
      case "tools/call":
        return this.#callNamed(TOOLS, method, params, call);
      case "prompts/get":
        return this.#callNamed(PROMPTS, method, params, call);
      case "resources/read": {
        const { upstream, uri } = this.#routes.ofUri(params.uri);
        return this.#forward(upstream, method, { ...params, uri }, call);
      }
      case "resources/subscribe":
        return this.#subscribe(params, call);
      case "resources/unsubscribe": {
        const { upstream, uri } = this.#routes.ofUri(params.uri);
        upstream.state.unsubscribed(uri);
        return this.#forward(upstream, method, { ...params, uri }, call);
      }
      case "completion/complete":
        return this.#complete(params, call);
      case "logging/setLevel":
        return this.#setLogLevel(params);
      default:
        throw new RpcError(ErrorCode.MethodNotFound, "Method not found");
    }
  }

  async #mergedList(list: ListKind): Promise<readonly RpcObject[]> {
    const lists = [...this.#upstreams.values()].map(async (upstream) => {
      const items = await upstream.listInTime(list);
      return items.map((item) => this.#publicItem(upstream.app.name, list, item));
    });
    return (await Promise.all(lists)).flat();
  }

  #publicItem(app: string, list: ListKind, item: RpcObject): RpcObject {
    switch (list) {
      case RESOURCES:
        return { ...item, uri: this.#uris.toPublic(app, String(item.uri)) };
      case RESOURCE_TEMPLATES:
        return { ...item, uriTemplate: this.#uris.toPublic(app, String(item.uriTemplate)) };
      default:
        return { ...withoutTask(item), name: this.#names.toPublic(app, String(item.name)) };
    }
  }

  async #callNamed(list: ListKind, method: string, params: RpcObject, call: ClientCall): Promise<RpcObject> {
    const { upstream, name } = await this.#routes.ofName(list, params.name);
    return this.#forward(upstream, method, { ...params, name }, call);
  }

  async #forward(
    upstream: Upstream,
    method: string,
    params: RpcObject,
    call: ClientCall,
  ): Promise<RpcObject> {
    const result = await upstream.call(method, params, call);
    return mapResultUris(method, result, (uri) => this.#uris.toPublic(upstream.app.name, uri));
  }

  async #subscribe(params: RpcObject, call: ClientCall): Promise<RpcObject> {
    const { upstream, uri } = this.#routes.ofUri(params.uri);
    if (this.#restored && !upstream.connection) {
      // A restore repeats the subscriptions of the session and must not wait for upstreams: told once it is there.
      upstream.state.subscribed(uri);
      upstream.warmUp();
      return {};
    }
    const result = await this.#forward(upstream, "resources/subscribe", { ...params, uri }, call);
    upstream.state.subscribed(uri);
    return result;
  }

  async #complete(params: RpcObject, call: ClientCall): Promise<RpcObject> {
    const { ref } = params;
    if (!isJsonObject(ref)) throw invalidParams("Expected a reference to complete for");
    if (ref.type === "ref/prompt") {
      const { upstream, name } = await this.#routes.ofName(PROMPTS, ref.name);
      return this.#completeAt(upstream, { ...params, ref: { ...ref, name } }, call);
    }
    if (ref.type === "ref/resource") {
      const { upstream, uri } = this.#routes.ofUri(ref.uri);
      return this.#completeAt(upstream, { ...params, ref: { ...ref, uri } }, call);
    }
    throw invalidParams("Expected a reference to a prompt or a resource");
  }

  async #completeAt(upstream: Upstream, params: RpcObject, call: ClientCall): Promise<RpcObject> {
    try {
      return await upstream.call("completion/complete", params, call);
    } catch (error) {
      // The gateway declares completions for all; an upstream without them has none to offer.
      if (error instanceof RpcError && error.code === ErrorCode.MethodNotFound)
        return { completion: { values: [] } };
      throw error;
    }
  }

  async #setLogLevel({ level }: RpcObject): Promise<RpcObject> {
    if (!LOG_LEVELS.has(level)) throw invalidParams(`Expected one of ${[...LOG_LEVELS].join(", ")}`);
    const upstreams = [...this.#upstreams.values()];
    await Promise.all(upstreams.map((upstream) => upstream.state.setLogLevel(level, upstream.connection)));
    return {};
  }
}

const LOG_LEVELS: ReadonlySet<unknown> = new Set([
  "debug",
  "info",
  "notice",
  "warning",
  "error",
  "critical",
  "alert",
  "emergency",
]);
