/**
 * Names one stream. The session is part of every key, so a stream id of another session names another stream (G3).
 * Both parts may hold any characters, separators included.
 */
export interface StreamKey {
  readonly sessionId: string;
  readonly streamId: string;
}

/**
 * `message`: a JSON-RPC message for the client, as it goes on the wire.
 * `control`: what connections and later owners must know; never written to the wire.
 */
export type EventKind = "message" | "control";

/** An event to append. */
export interface EventInput {
  readonly kind: EventKind;
  /** The text as it will be read back, byte for byte. */
  readonly payload: string;
  /** True for a JSON-RPC response and what must stay with it: trimming by count and bytes keeps it (G2). A few per stream. */
  readonly final?: boolean;
}

/** An event as the store keeps it. */
export interface StoredEvent {
  /** Position in the stream: 1, 2, 3 ..., assigned by the store without holes. */
  readonly offset: number;
  /** The fence the append was made under; 0 for an append without one. */
  readonly fence: number;
  readonly kind: EventKind;
  readonly payload: string;
  readonly final: boolean;
}

/**
 * What a store keeps, per stream unless said otherwise (G7). Delivery never deletes; only these bounds, the end of the
 * session, `trim` and the session's expiry do.
 */
export interface Retention {
  /** Most events kept in a stream. */
  readonly maxEvents: number;
  /** Most payload bytes (UTF-8) kept in a stream. The newest event is kept whatever its size. */
  readonly maxBytes: number;
  /** Age in ms after which an event is removed, a final one too. An ended stream is forgotten that long after its end. */
  readonly maxAgeMs: number;
  /** Most ended streams kept in a session; the one that ended first is forgotten first. */
  readonly maxEndedStreams: number;
}

/** The retention of a store that was not told otherwise. */
export const DEFAULT_RETENTION: Retention = {
  maxEvents: 10_000,
  maxBytes: 16 * 1024 * 1024,
  maxAgeMs: 60 * 60 * 1000,
  maxEndedStreams: 1_000,
};
