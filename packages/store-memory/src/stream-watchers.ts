import type { StreamKey } from "@durable-mcp/contract";

/** One `watch`. Wakes after the appender's turn, so that a reader's code never runs inside, nor fails, an append. */
class Watcher {
  #scheduled = false;
  #stopped = false;
  #isLast = false;

  constructor(
    readonly callback: () => void,
    readonly afterLast: () => void,
  ) {}

  wake(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (!this.#stopped) this.callback();
      if (this.#isLast) this.afterLast();
    });
  }

  wakeForTheLastTime(): void {
    this.#isLast = true;
    this.wake();
  }

  stop(): void {
    this.#stopped = true;
  }
}

/** Who watches which stream, of whatever store handle; also streams and sessions that do not exist yet. */
export class StreamWatchers {
  readonly #sessions = new Map<string, Map<string, Set<Watcher>>>();

  get size(): number {
    let size = 0;
    for (const streams of this.#sessions.values()) {
      for (const watchers of streams.values()) size += watchers.size;
    }
    return size;
  }

  /**
   * Shapes:  afterLast: called when the session has ended and the watcher was removed
   * Returns: a function that stops the watching
   */
  add({ sessionId, streamId }: StreamKey, callback: () => void, afterLast: () => void): () => void {
    const watcher = new Watcher(callback, afterLast);
    const streams = getOrAdd(this.#sessions, sessionId, () => new Map<string, Set<Watcher>>());
    const watchers = getOrAdd(streams, streamId, () => new Set<Watcher>());
    watchers.add(watcher);
    return () => {
      watcher.stop();
      watchers.delete(watcher);
      // A later session of the same id may have put other maps in these places.
      if (watchers.size === 0 && streams.get(streamId) === watchers) streams.delete(streamId);
      if (streams.size === 0 && this.#sessions.get(sessionId) === streams) this.#sessions.delete(sessionId);
    };
  }

  wake({ sessionId, streamId }: StreamKey): void {
    for (const watcher of this.#sessions.get(sessionId)?.get(streamId) ?? []) watcher.wake();
  }

  /** Wakes all watchers of an ended session for the last time. */
  wakeAndRemove(sessionId: string): void {
    const streams = this.#sessions.get(sessionId);
    this.#sessions.delete(sessionId);
    for (const watchers of streams?.values() ?? []) {
      for (const watcher of watchers) watcher.wakeForTheLastTime();
    }
  }
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}
