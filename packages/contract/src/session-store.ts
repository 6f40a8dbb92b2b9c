import type { JsonObject } from "./json.js";

/** A session as the store keeps it. */
export interface SessionRecord {
  readonly id: string;
  /** The principal that opened it, in canonical form; "" where nobody is authenticated (G9). */
  readonly principal: string;
  /** The node that owns the session: runs its server object. "" after `release`. */
  readonly nodeId: string;
  /** Counts the claims, from 1. What its owner writes carries it; every other fence writes nothing (G6). */
  readonly fence: number;
  /** Counts the updates, from 1. */
  readonly version: number;
  /** Unix time in ms. */
  readonly createdAtMs: number;
  /** Unix time in ms; from then on the session does not exist. */
  readonly expiresAtMs: number;
  /** What a take-over needs to rebuild the server object. The transport core's own. */
  readonly shape: JsonObject;
  /** What the application wants kept with the session (enabled tools, a chat id). Small. */
  readonly state: JsonObject;
}

/** What the opener of a session decides. */
export interface NewSession {
  readonly id: string;
  readonly principal: string;
  readonly nodeId: string;
  readonly shape: JsonObject;
  readonly state: JsonObject;
}

/** Bounds checked when a session is created (G7). */
export interface CreateOptions {
  /** Time to live in ms, from now; `touch` extends it. */
  readonly ttlMs: number;
  /** Most live sessions of one principal. */
  readonly maxPerPrincipal: number;
  /** Most live sessions in all. */
  readonly maxTotal: number;
}

/** Refused by a bound: nothing was written. */
export interface QuotaRefusal {
  readonly outcome: "quota";
  readonly scope: "principal" | "total";
}

/** The sessions. Every write is one atomic step. */
export interface SessionStore {
  /**
   * Creates a session owned by `nodeId`, with fence 1 and version 1.
   *
   * Returns: ok | exists (that id is live) | quota
   * Errors:  STORE_UNAVAILABLE, STORE_FULL (retryable)
   * Source:  G7, G9
   */
  create(
    session: NewSession,
    options: CreateOptions,
  ): Promise<
    { readonly outcome: "ok"; readonly record: SessionRecord } | { readonly outcome: "exists" } | QuotaRefusal
  >;

  /**
   * The live session of that id; undefined if there is none, or it has ended or expired.
   *
   * Errors:  STORE_UNAVAILABLE (retryable)
   */
  get(id: string): Promise<SessionRecord | undefined>;

  /**
   * Replaces `shape` and/or `state`.
   *
   * Shapes:  expected.version: omit it to overwrite whatever version is there
   * Returns: ok | fenced (another fence) | conflict (another version; `record` is the current one) | gone
   * Errors:  STORE_UNAVAILABLE, STORE_FULL (retryable)
   * Source:  G4, G6
   */
  update(
    id: string,
    expected: { readonly fence: number; readonly version?: number },
    change: { readonly shape?: JsonObject; readonly state?: JsonObject },
  ): Promise<
    | { readonly outcome: "ok"; readonly record: SessionRecord }
    | { readonly outcome: "fenced" }
    | { readonly outcome: "conflict"; readonly record: SessionRecord }
    | { readonly outcome: "gone" }
  >;

  /**
   * Moves the session's expiry to `ttlMs` from now, never to an earlier time. Never creates or revives a session.
   *
   * Returns: ok | gone
   * Errors:  STORE_UNAVAILABLE (retryable)
   */
  touch(id: string, ttlMs: number): Promise<{ readonly outcome: "ok" | "gone" }>;

  /**
   * Takes the session over: compare-and-set on the fence. Afterwards the old owner can write nothing more.
   *
   * Returns: ok (fence + 1, owned by `nodeId`) | lost (another fence; `record` is the current one) | gone
   * Errors:  STORE_UNAVAILABLE (retryable)
   * Source:  G6
   */
  claim(
    id: string,
    expectedFence: number,
    nodeId: string,
  ): Promise<
    | { readonly outcome: "ok"; readonly record: SessionRecord }
    | { readonly outcome: "lost"; readonly record: SessionRecord }
    | { readonly outcome: "gone" }
  >;

  /**
   * Gives the session up so that any node may claim it at once: its `nodeId` becomes "".
   *
   * Returns: ok | fenced | gone
   * Errors:  STORE_UNAVAILABLE (retryable)
   * Source:  G10
   */
  release(id: string, fence: number): Promise<{ readonly outcome: "ok" | "fenced" | "gone" }>;

  /**
   * Ends the session and deletes its streams, at once and for good.
   *
   * Shapes:  fence: the owner's, for an owner that ends its session; without one (a DELETE) whoever owns it
   * Returns: ok once | fenced (another fence; nothing was written) | gone ever after
   * Errors:  STORE_UNAVAILABLE (retryable)
   * Source:  G6
   */
  terminate(id: string, fence?: number): Promise<{ readonly outcome: "ok" | "fenced" | "gone" }>;

  /**
   * The principal's live sessions, newest first.
   *
   * Shapes:  page.limit: >= 1; page.cursor: `next` of the page before
   * Errors:  STORE_UNAVAILABLE (retryable)
   */
  list(
    principal: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<{ readonly sessions: readonly SessionRecord[]; readonly next?: string }>;

  /**
   * One small step of house-keeping: deletes expired sessions with their streams, and events past their age.
   *
   * Shapes:  limit: most sessions and most streams to work on in this step, >= 1
   * Returns: more = there was more to do than the limit allowed
   * Errors:  STORE_UNAVAILABLE (retryable)
   * Source:  G7
   */
  sweep(limit: number): Promise<{ readonly more: boolean }>;
}
