/** How one error code is answered. */
export interface ErrorAnswer {
  /** HTTP status of an answer that has not begun. */
  readonly status: number;
  /** Code of the JSON-RPC error. */
  readonly rpcCode: number;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
}

/**
 * The one table of errors: code -> HTTP status -> JSON-RPC code. Codes of our own lie outside the range that JSON-RPC
 * reserves, as MCP asks; -32000 and -32001 are what clients know from the SDKs.
 *
 * Source:  MCP 2026-07-28, Basic, Errors
 */
export const ERRORS = {
  /** The store cannot be reached or failed the operation. */
  STORE_UNAVAILABLE: { status: 503, rpcCode: -31011, retryable: true },
  /** The store has no room: disk, file limit or memory limit. */
  STORE_FULL: { status: 503, rpcCode: -31011, retryable: true },
  /** The store was closed by this process. */
  STORE_CLOSED: { status: 503, rpcCode: -31011, retryable: false },
  /** The store's data is damaged. */
  STORE_CORRUPT: { status: 503, rpcCode: -31011, retryable: false },
  /** Another process holds the store. */
  STORE_LOCKED: { status: 503, rpcCode: -31011, retryable: true },
  /** The store may not be written to. */
  STORE_READ_ONLY: { status: 503, rpcCode: -31011, retryable: false },
  /** The store's data was written by a newer version. */
  STORE_TOO_NEW: { status: 503, rpcCode: -31011, retryable: false },

  /** The endpoint is shutting down. */
  DRAINING: { status: 503, rpcCode: -31012, retryable: true },
  /** A bound on sessions is reached. */
  SESSION_QUOTA: { status: 429, rpcCode: -31013, retryable: true },
  /** A session has too many requests in flight. */
  TOO_MANY_CALLS: { status: 429, rpcCode: -31014, retryable: true },
  /** What would have to be stored to restore the session is too large. */
  SESSION_TOO_LARGE: { status: 413, rpcCode: -31015, retryable: false },
  /** Another node owns the session: this one may write nothing. */
  NOT_OWNER: { status: 503, rpcCode: -31016, retryable: true },
  /** The node that ran the call went away before it answered. */
  INTERRUPTED: { status: 503, rpcCode: -31010, retryable: true },
  /** The answer is no longer kept, or never was. */
  ANSWER_LOST: { status: 410, rpcCode: -31010, retryable: true },

  SESSION_NOT_FOUND: { status: 404, rpcCode: -32001, retryable: false },
  SESSION_REQUIRED: { status: 400, rpcCode: -32000, retryable: false },
  UNSUPPORTED_PROTOCOL_VERSION: { status: 400, rpcCode: -32000, retryable: false },
  HOST_NOT_ALLOWED: { status: 403, rpcCode: -32000, retryable: false },
  ORIGIN_NOT_ALLOWED: { status: 403, rpcCode: -32000, retryable: false },
  /** The caller's token lacks scopes that the request needs. */
  INSUFFICIENT_SCOPE: { status: 403, rpcCode: -32000, retryable: false },
  METHOD_NOT_ALLOWED: { status: 405, rpcCode: -32000, retryable: false },
  /** The session's GET stream has an open connection already. */
  GET_IN_USE: { status: 409, rpcCode: -32000, retryable: false },
  STREAM_FINISHED: { status: 405, rpcCode: -32000, retryable: false },
  NOT_ACCEPTABLE: { status: 406, rpcCode: -32000, retryable: false },
  BODY_TOO_LARGE: { status: 413, rpcCode: -32000, retryable: false },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, rpcCode: -32000, retryable: false },
  PARSE_ERROR: { status: 400, rpcCode: -32700, retryable: false },
  INVALID_REQUEST: { status: 400, rpcCode: -32600, retryable: false },
  /** Something in front of the endpoint has read the body and handed nothing on. */
  BODY_DRAINED: { status: 500, rpcCode: -32603, retryable: false },
  /** A fault of this program or of the application's callbacks. */
  INTERNAL: { status: 500, rpcCode: -32603, retryable: false },
} as const satisfies Record<string, ErrorAnswer>;

/** A stable name for what went wrong. */
export type ErrorCode = keyof typeof ERRORS;

/** The one error class. `message` says what was wrong and what to do; expected outcomes are values, not errors. */
export class DurableMcpError extends Error {
  override readonly name = "DurableMcpError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}
