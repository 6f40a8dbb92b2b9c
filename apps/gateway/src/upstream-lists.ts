import { ErrorCode } from "@modelcontextprotocol/sdk/types.js";
import { type ListKind, offers } from "./list-kinds.js";
import type { Log } from "./log.js";
import { RpcError, type RpcObject } from "./rpc.js";
import type { UpstreamConnection } from "./upstream-connection.js";

/** Longest an upstream may take for one page, in ms. */
const PAGE_TIMEOUT_MS = 30_000;
/** Most pages of one list: an upstream that never ends its list must not hold everybody up. */
const MAX_PAGES = 1_000;

/** The lists of one upstream as long as one connection to it lasts. */
export class UpstreamLists {
  readonly #app: string;
  readonly #connection: UpstreamConnection;
  readonly #log: Log;
  /** Lists whose changes the upstream tells; a fetch under way counts. */
  readonly #kept = new Map<ListKind, Promise<readonly RpcObject[]>>();

  constructor(app: string, connection: UpstreamConnection, log: Log) {
    this.#app = app;
    this.#connection = connection;
    this.#log = log;
  }

  /**
   * All items of all pages, as the upstream sent them.
   *
   * Errors:  like UpstreamConnection.request
   */
  get(list: ListKind): Promise<readonly RpcObject[]> {
    const { has, tells } = offers(this.#connection.capabilities, list);
    if (!has) return Promise.resolve([]);
    const kept = this.#kept.get(list);
    if (kept) return kept;
    const fetched = this.#fetch(list);
    if (tells) {
      this.#kept.set(list, fetched);
      fetched.catch(() => {
        if (this.#kept.get(list) === fetched) this.#kept.delete(list);
      });
    }
    return fetched;
  }

  /** Takes note of a notification: the lists it concerns are fetched anew when next asked for. */
  forget(notification: string): void {
    for (const list of this.#kept.keys()) if (list.changed === notification) this.#kept.delete(list);
  }

  async #fetch(list: ListKind): Promise<readonly RpcObject[]> {
    const items: RpcObject[] = [];
    const seen = new Set<unknown>();
    let cursor: unknown;
    let invalid = 0;
    do {
      seen.add(cursor);
      const page = await this.#page(list, cursor);
      for (const item of Array.isArray(page[list.key]) ? (page[list.key] as unknown[]) : []) {
        // A client refuses a list as a whole when one item is invalid, with the items of all other upstreams.
        if (list.isValid(item)) items.push(item as RpcObject);
        else invalid += 1;
      }
      cursor = page.nextCursor;
    } while (typeof cursor === "string" && !seen.has(cursor) && seen.size < MAX_PAGES);
    if (invalid > 0)
      this.#log.warn("upstream lists invalid items", { app: this.#app, list: list.method, invalid });
    return items;
  }

  async #page(list: ListKind, cursor: unknown): Promise<RpcObject> {
    const params = cursor === undefined ? {} : { cursor };
    try {
      return await this.#connection.request(list.method, params, { timeoutMs: PAGE_TIMEOUT_MS });
    } catch (error) {
      // Many servers have resources but know nothing of templates.
      if (error instanceof RpcError && error.code === ErrorCode.MethodNotFound) return {};
      throw error;
    }
  }
}
