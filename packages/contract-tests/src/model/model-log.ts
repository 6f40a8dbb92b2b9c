import type {
  AppendOptions,
  AppendResult,
  EventInput,
  ReadLimits,
  ReadResult,
  Retention,
  StoredEvent,
  StreamHead,
} from "@durable-mcp/contract";

interface ModelEvent extends StoredEvent {
  readonly atMs: number;
}

/** A stream as plain as can be: what it keeps is one list, and every rule looks at the whole of it. */
export interface ModelStream {
  readonly id: string;
  kept: ModelEvent[];
  last: number;
  oldest: number;
  endedAtMs?: number;
}

export function newStream(id: string): ModelStream {
  return { id, kept: [], last: 0, oldest: 1 };
}

export function append(
  stream: ModelStream,
  inputs: readonly EventInput[],
  { fence = 0, end, refuseWhenFull }: AppendOptions,
  retention: Retention,
  nowMs: number,
): AppendResult {
  if (stream.endedAtMs !== undefined) return { outcome: "ended" };
  const added = inputs.map(({ kind, payload, final = false }, index) => {
    return { offset: stream.last + 1 + index, fence, kind, payload, final, atMs: nowMs };
  });
  const all = [...stream.kept, ...added];
  const kept = withinBounds(all, retention);
  if (refuseWhenFull && kept.length < all.length) return { outcome: "full" };
  stream.last += added.length;
  keepOnly(stream, all, (event) => kept.includes(event));
  if (end) stream.endedAtMs = nowMs;
  return { outcome: "ok", last: stream.last };
}

export function read(stream: ModelStream, after: number, limits: ReadLimits): ReadResult {
  const gap = { outcome: "gap", oldest: stream.oldest } as const;
  if (after > stream.last) return gap;
  if (after < stream.last && !stream.kept.some(({ offset }) => offset === after + 1)) return gap;
  const events: StoredEvent[] = [];
  for (const { atMs, ...event } of stream.kept) {
    if (event.offset <= after) continue;
    const isNext = event.offset === after + events.length + 1;
    const bytes = byteLength([...events, event]);
    if (!isNext || events.length === limits.events || (events.length > 0 && bytes > limits.bytes)) break;
    events.push(event);
  }
  const ended = stream.endedAtMs !== undefined && after + events.length === stream.last;
  return { outcome: "page", events, ended };
}

/** Whatever is kept: an inbox has no holes, and if it had, they were no reason to stop. */
export function take(stream: ModelStream, limits: ReadLimits): StoredEvent[] {
  const taken = stream.kept.filter((_, index) => {
    const upTo = stream.kept.slice(0, index + 1);
    return index < limits.events && (index === 0 || byteLength(upTo) <= limits.bytes);
  });
  keepOnly(stream, stream.kept, (event) => !taken.includes(event));
  return taken.map(({ atMs, ...event }) => event);
}

export function finals(stream: ModelStream): StoredEvent[] {
  return stream.kept.filter(({ final }) => final).map(({ atMs, ...event }) => event);
}

export function head({ last, oldest, endedAtMs }: ModelStream): StreamHead {
  return { last, oldest, ended: endedAtMs !== undefined };
}

/** Keeps of `events` those that pass; what goes makes the hole-free part begin later. */
export function keepOnly(
  stream: ModelStream,
  events: readonly ModelEvent[],
  passes: (event: ModelEvent) => boolean,
): void {
  stream.kept = events.filter(passes);
  for (const event of events) {
    if (!passes(event)) stream.oldest = Math.max(stream.oldest, event.offset + 1);
  }
}

function withinBounds(events: readonly ModelEvent[], { maxEvents, maxBytes }: Retention): ModelEvent[] {
  let kept = [...events];
  while (kept.length > maxEvents || byteLength(kept) > maxBytes) {
    const oldest = kept.slice(0, -1).find(({ final }) => !final);
    if (!oldest) break;
    kept = kept.filter((event) => event !== oldest);
  }
  return kept;
}

function byteLength(events: readonly StoredEvent[]): number {
  return new TextEncoder().encode(events.map(({ payload }) => payload).join("")).length;
}
