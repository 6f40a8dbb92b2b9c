import type { RequestId, StreamHead } from "@durable-mcp/contract";
import type { RequestFates } from "./follow-policies.js";
import type { HttpResponse } from "./http.js";
import type { SessionShape } from "./session-shape.js";
import type { FollowPolicy } from "./stream-connection.js";
import type { StreamConnections } from "./stream-connections.js";

/** A session whose streams connections of this node follow, whichever node owns it. */
export interface FollowableSession {
  readonly id: string;
  readonly shape: SessionShape;
  /** Whether streams begin with a cursor, so that they can be resumed from the start. */
  readonly primes: boolean;
  /** What its answers say of it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: StreamConnections;
  /** Offset of the last event known to have been written to a GET connection. */
  readonly delivered: number;

  keyOf(streamId: string): { readonly sessionId: string; readonly streamId: string };

  /** Brings `shape` up to date, where another node changes it. */
  refresh(): Promise<void>;

  /** What has become of the requests that a stream answers. */
  fatesOn(streamId: string): RequestFates;

  /**
   * To be called before a connection follows a stream that there may be already: connections that follow it on other
   * nodes are told to stay away, and requests on it that nobody is answering any more are concluded.
   *
   * Shapes:  head: where the stream stands; undefined if it is unknown
   * Returns: whether the stream may have changed by that
   * Errors:  what the store says; SESSION_NOT_FOUND
   */
  beforeFollowing(
    streamId: string,
    requestIds: readonly RequestId[],
    head: StreamHead | undefined,
  ): Promise<boolean>;

  /** Lets a connection follow the GET stream. */
  followGet(response: HttpResponse, cursor: number, policy: FollowPolicy, preamble: readonly string[]): void;
}
