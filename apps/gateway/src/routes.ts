import { ErrorCode } from "@modelcontextprotocol/sdk/types.js";
import { type ListKind, PROMPTS } from "./list-kinds.js";
import type { NameScheme } from "./names.js";
import { RpcError } from "./rpc.js";
import type { Upstream } from "./upstream.js";
import type { UriScheme } from "./uris.js";

/** The code that MCP gives to a resource that is not there. */
const RESOURCE_NOT_FOUND = -32002;

/** Finds the upstream that a public name or URI belongs to. */
export class Routes {
  readonly #upstreams: ReadonlyMap<string, Upstream>;
  readonly #names: NameScheme;
  readonly #uris: UriScheme;

  constructor(upstreams: ReadonlyMap<string, Upstream>, names: NameScheme, uris: UriScheme) {
    this.#upstreams = upstreams;
    this.#names = names;
    this.#uris = uris;
  }

  /**
   * The upstream of a tool or prompt and its name there. A plain name need not be listed by its upstream.
   *
   * Errors:  RpcError: -32602 if there is none; UPSTREAM_UNAVAILABLE if the one that may have it cannot say
   */
  async ofName(list: ListKind, publicName: unknown): Promise<{ upstream: Upstream; name: string }> {
    const what = list === PROMPTS ? "prompt" : "tool";
    if (typeof publicName !== "string") throw invalidParams(`Expected the name of a ${what}`);
    const origin = this.#names.toOrigin(publicName);
    let failure: unknown;
    if (origin?.kind === "plain") {
      const upstream = this.#upstreams.get(origin.app);
      if (upstream) return { upstream, name: origin.name };
    }
    for (const app of origin?.kind === "hashed" ? origin.candidates : []) {
      const upstream = this.#upstreams.get(app);
      const items = await upstream?.list(list).catch((error: unknown) => {
        failure ??= error;
      });
      const item = items?.find(({ name }) => this.#names.toPublic(app, String(name)) === publicName);
      if (upstream && item) return { upstream, name: String(item.name) };
    }
    throw failure ?? invalidParams(`Unknown ${what}: ${publicName}`);
  }

  /**
   * The upstream of a resource or template and its URI there.
   *
   * Errors:  RpcError: -32602 if it is no text, -32002 if no app has such URIs
   */
  ofUri(publicUri: unknown): { upstream: Upstream; uri: string } {
    if (typeof publicUri !== "string") throw invalidParams("Expected the URI of a resource");
    const origin = this.#uris.toOrigin(publicUri);
    const upstream = origin && this.#upstreams.get(origin.app);
    if (!upstream) throw new RpcError(RESOURCE_NOT_FOUND, "Resource not found", { uri: publicUri });
    return { upstream, uri: origin.uri };
  }
}

export function invalidParams(message: string): RpcError {
  return new RpcError(ErrorCode.InvalidParams, message);
}
