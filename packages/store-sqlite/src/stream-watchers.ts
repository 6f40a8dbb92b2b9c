import type { StreamKey } from "@durable-mcp/contract";

/** One `watch`. Wakes after the writer's turn, so that a reader's code never runs inside, nor fails, a commit. */
class Watcher {
  readonly #callback: () => void;
  readonly #signal: AbortSignal;
  #isScheduled = false;

  constructor(callback: () => void, signal: AbortSignal) {
    this.#callback = callback;
    this.#signal = signal;
  }

  wake(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      if (!this.#signal.aborted) this.#callback();
    });
  }
}

type WatchersOfStream = Map<Watcher, () => void>;

/** Who watches which stream; also streams and sessions that do not exist yet. */
export class StreamWatchers {
  readonly #sessions = new Map<string, Map<string, WatchersOfStream>>();

  /** Until `signal`, or until the session ends. */
  add({ sessionId, streamId }: StreamKey, callback: () => void, signal: AbortSignal): void {
    const watcher = new Watcher(callback, signal);
    const streams = this.#sessions.get(sessionId) ?? new Map<string, WatchersOfStream>();
    const watchers = streams.get(streamId) ?? new Map();
    this.#sessions.set(sessionId, streams.set(streamId, watchers));
    const stop = () => {
      watchers.delete(watcher);
      // A later session of the same id may have put other maps in these places.
      if (watchers.size === 0 && streams.get(streamId) === watchers) streams.delete(streamId);
      if (streams.size === 0 && this.#sessions.get(sessionId) === streams) this.#sessions.delete(sessionId);
    };
    signal.addEventListener("abort", stop, { once: true });
    watchers.set(watcher, () => signal.removeEventListener("abort", stop));
  }

  wake({ sessionId, streamId }: StreamKey): void {
    for (const watcher of this.#sessions.get(sessionId)?.get(streamId)?.keys() ?? []) watcher.wake();
  }

  /** Wakes all watchers of an ended session for the last time. */
  wakeAndRemove(sessionId: string): void {
    const streams = this.#sessions.get(sessionId);
    this.#sessions.delete(sessionId);
    for (const watchers of streams?.values() ?? []) {
      for (const [watcher, forget] of watchers) {
        forget();
        watcher.wake();
      }
    }
  }

  /** Ends all watching, without waking anybody. */
  removeAll(): void {
    for (const streams of this.#sessions.values()) {
      for (const watchers of streams.values()) {
        for (const forget of watchers.values()) forget();
      }
    }
    this.#sessions.clear();
  }
}
