import { type Keys, nameOf } from "./keys.js";
import { PAGE, REFRESH, REMOVE, RESERVE } from "./lua-index.js";
import type { RedisConnection } from "./redis-connection.js";
import { script } from "./script.js";

const SCRIPTS = {
  reserve: script(RESERVE),
  refresh: script(REFRESH),
  remove: script(REMOVE),
  page: script(PAGE),
};

/**
 * Which sessions there are: of each principal, and in all. The indices lie in other slots than the sessions, so they are
 * told of changes one after the other: what is created is counted before it exists, and what a crash in between has left
 * goes by expiry. Whoever reads an index looks at the sessions themselves.
 */
export class SessionIndex {
  readonly #connection: RedisConnection;
  readonly #keys: Keys;

  constructor(connection: RedisConnection, keys: Keys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  /** Makes room for a session. Returns: what takes it back, but for whom it is there | the bound that is reached */
  async reserve(
    id: string,
    principal: string,
    { ttlMs, maxPerPrincipal, maxTotal }: { ttlMs: number; maxPerPrincipal: number; maxTotal: number },
  ): Promise<
    { readonly undo: (owner?: string) => Promise<void> } | { readonly full: "principal" | "total" }
  > {
    const indices = [this.#keys.principal(principal), this.#keys.everybody];
    const settled = await Promise.allSettled(
      [maxPerPrincipal, maxTotal].map((max, place) =>
        this.#connection.run(SCRIPTS.reserve, indices[place] as string, [nameOf(id), ttlMs, max]),
      ),
    );
    const outcomes = settled.map((one) => (one.status === "fulfilled" ? one.value : undefined));
    const added = indices.filter((_, place) => outcomes[place] === "added");
    const undo = async (owner?: string) => {
      const kept = owner === undefined ? [] : [this.#keys.principal(owner), this.#keys.everybody];
      const removed = added.filter((index) => !kept.includes(index));
      await Promise.all(removed.map((index) => this.#connection.run(SCRIPTS.remove, index, [nameOf(id)])));
    };
    const failed = settled.find((one) => one.status === "rejected");
    if (failed) {
      await undo().catch(() => {});
      throw failed.reason;
    }
    if (!outcomes.includes("full")) return { undo };
    await undo();
    return { full: outcomes[0] === "full" ? "principal" : "total" };
  }

  /** A session lives until then. */
  async refresh(id: string, principal: string, expiresAtMs: number): Promise<void> {
    await this.#inBoth(principal, (index) =>
      this.#connection.run(SCRIPTS.refresh, index, [nameOf(id), expiresAtMs]),
    );
  }

  /** A session has ended. */
  async remove(id: string, principal: string): Promise<void> {
    await this.#inBoth(principal, (index) =>
      this.#connection.run(SCRIPTS.remove, index, [nameOf(id), "ended"]),
    );
  }

  /**
   * Names of a principal's sessions, newest first, with their numbers.
   *
   * Shapes:  below: the number of the one before
   */
  async page(
    principal: string,
    below: string,
    limit: number,
  ): Promise<readonly { name: string; number: string }[]> {
    const index = this.#keys.principal(principal);
    const reply = (await this.#connection.run(SCRIPTS.page, index, ["", below, limit])) as readonly string[];
    return reply.flatMap((name, at) => (at % 2 === 0 ? [{ name, number: reply[at + 1] as string }] : []));
  }

  async #inBoth(principal: string, tell: (index: string) => Promise<unknown>): Promise<void> {
    await Promise.all([this.#keys.principal(principal), this.#keys.everybody].map(tell));
  }
}
