import type { RecordedEvent } from "./recorded-stream.js";

/** What a recording must show; every function throws an error that says what it shows instead. */

/** Something that a session was asked to say on its GET stream. */
export interface Said {
  readonly text: string;
  /** Whether the one who asked knows that it was said; otherwise it may have been. */
  readonly acknowledged: boolean;
}

/** Every event has an id of its own, and the offsets in the ids only go up. */
function checkOrder(events: readonly RecordedEvent[]): void {
  let last = 0;
  for (const { id, data } of events) {
    const offset = /\.(\d+|end)\.\d+$/.exec(id ?? "")?.[1];
    if (offset === undefined) throw new Error(`An event without an id of ours (${id}): ${data}`);
    const position = offset === "end" ? Number.POSITIVE_INFINITY : Number(offset);
    if (position <= last) throw new Error(`Event ${id} came after offset ${last}: ${data}`);
    last = position;
  }
}

/**
 * The stream of a call: progress 1, 2, 3 ... without a hole, then one response and nothing more. A result has all
 * `steps` before it; an error says that trying again may help.
 */
export function checkCall(events: readonly RecordedEvent[], steps: number): void {
  checkOrder(events);
  let progress = 0;
  let answered = false;
  for (const { message, data } of events) {
    if (answered) throw new Error(`After the response came: ${data}`);
    if (message.method === "notifications/progress") {
      progress += 1;
      if (message.params.progress !== progress)
        throw new Error(`In place of progress ${progress} came: ${data}`);
    } else if (message.method === undefined) {
      answered = true;
      if (message.error && message.error.data?.retryable !== true)
        throw new Error(`An error that is not retryable: ${data}`);
      if (message.result && progress < steps)
        throw new Error(`The result came after ${progress} of ${steps} steps: ${data}`);
    } else if (message.method !== "sampling/createMessage") {
      throw new Error(`Nobody has asked for: ${data}`);
    }
  }
}

/**
 * The GET stream: what was said, in that order; once if it was acknowledged, at most once otherwise; and nothing else
 * but the cancellation, once each, of what the server had asked.
 */
export function checkNotifications(events: readonly RecordedEvent[], said: readonly Said[]): void {
  checkOrder(events);
  const cancelled = new Set<unknown>();
  let next = 0;
  for (const { message, data } of events) {
    if (message.method === "notifications/cancelled") {
      const id: unknown = message.params.requestId;
      if (cancelled.has(id)) throw new Error(`Cancelled twice: ${data}`);
      cancelled.add(id);
      continue;
    }
    const text = textOf(message);
    while (next < said.length && said[next]?.text !== text) {
      if (said[next]?.acknowledged) throw new Error(`In place of "${said[next]?.text}" came: ${data}`);
      next += 1;
    }
    if (next === said.length) throw new Error(`Nobody has said, or not again: ${data}`);
    next += 1;
  }
  const missing = said.slice(next).find(({ acknowledged }) => acknowledged);
  if (missing) throw new Error(`Never came: "${missing.text}"`);
}

/** One recording is the beginning of the other (or the whole of it), byte for byte. */
export function checkPrefix(events: readonly RecordedEvent[], whole: readonly RecordedEvent[]): void {
  for (const [index, { id, data }] of events.entries()) {
    const other = whole[index];
    if (other?.id !== id || other?.data !== data)
      throw new Error(`Event ${index + 1} was ${other?.id} ${other?.data}, and now is ${id} ${data}`);
  }
}

function textOf(message: RecordedEvent["message"]): unknown {
  return message.method === "notifications/resources/updated"
    ? `updated: ${message.params.uri}`
    : message.params?.data;
}
