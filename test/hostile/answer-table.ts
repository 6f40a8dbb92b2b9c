interface Refusal {
  readonly status: number;
  readonly rpcCode: number;
  /** It says that the same request may succeed later. */
  readonly retryable?: true;
}

/** The table of answers, as the README of `packages/core` promises it: written down once more, since it is what is tested. */
export const REFUSALS = {
  SESSION_REQUIRED: { status: 400, rpcCode: -32000 },
  UNSUPPORTED_PROTOCOL_VERSION: { status: 400, rpcCode: -32000 },
  PARSE_ERROR: { status: 400, rpcCode: -32700 },
  INVALID_REQUEST: { status: 400, rpcCode: -32600 },
  ORIGIN_NOT_ALLOWED: { status: 403, rpcCode: -32000 },
  SESSION_NOT_FOUND: { status: 404, rpcCode: -32001 },
  METHOD_NOT_ALLOWED: { status: 405, rpcCode: -32000 },
  STREAM_FINISHED: { status: 405, rpcCode: -32000 },
  NOT_ACCEPTABLE: { status: 406, rpcCode: -32000 },
  BODY_TOO_LARGE: { status: 413, rpcCode: -32000 },
  SESSION_TOO_LARGE: { status: 413, rpcCode: -31015 },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, rpcCode: -32000 },
  SESSION_QUOTA: { status: 429, rpcCode: -31013, retryable: true },
  TOO_MANY_CALLS: { status: 429, rpcCode: -31014, retryable: true },
  STORE_UNAVAILABLE: { status: 503, rpcCode: -31011, retryable: true },
  DRAINING: { status: 503, rpcCode: -31012, retryable: true },
} as const satisfies Record<string, Refusal>;

/** The row of the table that an answer is, if it is in the table. */
export function rowOf(status: number, rpcCode: unknown): Refusal | undefined {
  return Object.values(REFUSALS).find((one) => one.status === status && one.rpcCode === rpcCode);
}
