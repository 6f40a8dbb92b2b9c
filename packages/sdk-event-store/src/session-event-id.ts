import { randomBytes } from "node:crypto";

/** What an event id of `toSdkEventStore` says. */
export interface SessionCursor {
  readonly streamId: string;
  /** Offset of the event in its stream, from 1. */
  readonly offset: number;
  /** What tells this event from every other one that may have, or have had, the same place. */
  readonly mark: string;
  /** What tells the session from one that expired or ended under the same id. */
  readonly epoch: string;
}

const MARK = /^[A-Za-z0-9_-]{8}/;
const EVENT_ID = /^([1-9]\d{0,14})\.([A-Za-z0-9_-]{8})\.([0-9a-z]{1,11})\.(.+)$/;

/** The text under which a marked event is stored. A mark is 8 characters of A-Z a-z 0-9 _ - (48 random bits). */
export function markedText(text: string): { readonly mark: string; readonly payload: string } {
  const mark = randomBytes(6).toString("base64url");
  return { mark, payload: mark + text };
}

/** Takes a stored text apart again. */
export function unmarked(payload: string): { readonly mark: string; readonly text: string } {
  const mark = MARK.exec(payload)?.[0] ?? "";
  return { mark, text: payload.slice(mark.length) };
}

/**
 * The event id of a position: visible ASCII, about 70 characters for the stream ids of the SDKs.
 *
 * Errors:  URIError for a stream id that is no Unicode text
 */
export function formatSessionEventId({ streamId, offset, mark, epoch }: SessionCursor): string {
  return `${offset}.${mark}.${epoch}.${encodeURIComponent(streamId)}`;
}

/** Reads an event id; undefined if it cannot be one of ours. */
export function parseSessionEventId(eventId: string): SessionCursor | undefined {
  const [, offset, mark, epoch, stream] = EVENT_ID.exec(eventId) ?? [];
  if (offset === undefined || mark === undefined || epoch === undefined || stream === undefined)
    return undefined;
  try {
    return { streamId: decodeURIComponent(stream), offset: Number(offset), mark, epoch };
  } catch {
    return undefined;
  }
}
