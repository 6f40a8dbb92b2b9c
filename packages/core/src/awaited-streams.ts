import { DurableMcpError, type EventLog, type StreamKey } from "@durable-mcp/contract";
import { coalesced } from "./coalesced.js";
import type { StreamWatch } from "./stream-watch.js";

/**
 * How long a session's owner may take to answer a POST, in ms: longer than any take-over, and than a busy owner that is
 * being drained leaves it to the next one. Whether it knows of the POST at all is asked long before.
 */
export const ANSWER_DEADLINE_MS = 600_000;

/** What is waited for on a stream. */
export interface Awaited<T> {
  /** Called once nothing that happens to the stream goes unnoticed. */
  readonly begin: () => Promise<void>;
  /** Returns: undefined if it is not there yet */
  readonly look: () => Promise<T | undefined>;
  /** Time in ms after which it is not waited for any longer. */
  readonly deadlineMs?: number;
}

interface Waiting {
  readonly streamId: string;
  readonly hasDeadline: boolean;
  /** Times of the monotonic clock in ms. */
  readonly sinceMs: number;
  askedMs: number;
  readonly reject: (error: unknown) => void;
}

/** What requests of this node wait for on streams that another node writes. */
export class AwaitedStreams {
  readonly #log: EventLog;
  readonly #waiting = new Set<Waiting>();

  constructor(log: EventLog) {
    this.#log = log;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Whether one of them has been waiting since before a time of the monotonic clock. */
  someSince(ms: number): boolean {
    return [...this.#waiting].some(({ sinceMs }) => sinceMs < ms);
  }

  /**
   * Streams whose owner should have said something by now, and was not asked about them since before a time of the
   * monotonic clock. They count as asked about from now on.
   */
  overdue(ms: number): readonly string[] {
    const overdue = [...this.#waiting].filter(({ hasDeadline, askedMs }) => hasDeadline && askedMs < ms);
    for (const waiting of overdue) waiting.askedMs = performance.now();
    return overdue.map(({ streamId }) => streamId);
  }

  failAll(error: DurableMcpError): void {
    for (const { reject } of this.#waiting) reject(error);
  }

  /**
   * Looks at a stream, each time something happens to it, until there is what is waited for. What happens afterwards is
   * the watch's next listener's.
   *
   * Errors:  INTERRUPTED at the deadline; what `begin` and `look` say
   */
  async until<T>(key: StreamKey, watch: StreamWatch, { begin, look, deadlineMs }: Awaited<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let waiting: Waiting | undefined;
    let isOver = false;
    try {
      return await new Promise<T>((resolve, reject) => {
        const nowMs = performance.now();
        const hasDeadline = deadlineMs !== undefined;
        waiting = { streamId: key.streamId, hasDeadline, sinceMs: nowMs, askedMs: nowMs, reject };
        this.#waiting.add(waiting);
        if (deadlineMs !== undefined) timer = setTimeout(() => reject(unanswered()), deadlineMs);
        const lookAgain = coalesced(async () => {
          if (isOver) return watch.wake();
          const found = await look();
          if (found === undefined) return;
          isOver = true;
          watch.pause();
          begun.then(() => resolve(found), reject);
        }, reject);
        const begun = watch.start(this.#log, key).then(begin);
        begun.catch(reject);
        watch.listen(lookAgain);
      });
    } finally {
      isOver = true;
      watch.pause();
      clearTimeout(timer);
      if (waiting) this.#waiting.delete(waiting);
    }
  }
}

/** The error of a message that nobody has answered for. */
export function unanswered(): DurableMcpError {
  return new DurableMcpError(
    "INTERRUPTED",
    "The node that has this session did not answer. The message may or may not have taken effect; send it again if that is safe.",
  );
}
