import type { EventLog, ReadResult, Store, StoredEvent, StreamKey } from "@durable-mcp/contract";
import type { Fault } from "./breakable-harness.js";

function withLog(store: Store, change: (log: EventLog) => Partial<EventLog>): Store {
  return { ...store, log: { ...store.log, ...change(store.log) } };
}

function withKeys(store: Store, rename: (key: StreamKey) => StreamKey): Store {
  return withLog(store, (log) => ({
    append: (key, ...rest) => log.append(rename(key), ...rest),
    read: (key, ...rest) => log.read(rename(key), ...rest),
    finals: (key) => log.finals(rename(key)),
    head: (key) => log.head(rename(key)),
    trim: (key, ...rest) => log.trim(rename(key), ...rest),
    take: (key, ...rest) => log.take(rename(key), ...rest),
    watch: (key, ...rest) => log.watch(rename(key), ...rest),
  }));
}

function withEvents(
  store: Store,
  change: (events: readonly StoredEvent[]) => readonly StoredEvent[] | StoredEvent[],
): Store {
  return withLog(store, (log) => ({
    read: async (...call): Promise<ReadResult> => {
      const result = await log.read(...call);
      return result.outcome === "page" ? { ...result, events: change(result.events) } : result;
    },
  }));
}

/** Lets every other task go on first: where a real store would wait for its database. */
async function pause(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Sorts events of one millisecond by something else than their order, as the SDK's example store does. */
export const reordersWithinAMillisecond: Fault = (store) =>
  withEvents(store, (events) => {
    const payloads = events.map(({ payload }) => payload).sort();
    return events.map((event, index) => ({ ...event, payload: payloads[index] ?? "" }));
  });

export const emptyPageForATrimmedCursor: Fault = (store) =>
  withLog(store, (log) => ({
    read: async (...call) => {
      const result = await log.read(...call);
      return result.outcome === "gap" ? { outcome: "page", events: [], ended: false } : result;
    },
  }));

export const leaksAForeignStream: Fault = (store, world) =>
  withLog(store, (log) => ({
    read: async (key, ...rest) => {
      let result = await log.read(key, ...rest);
      for (const sessionId of world.created.keys()) {
        if (result.outcome !== "unknown") break;
        result = await log.read({ ...key, sessionId }, ...rest);
      }
      return result;
    },
  }));

export const joinsIdsWithAColon: Fault = (store) => {
  const ids = ({ sessionId, streamId }: StreamKey) => `${sessionId}:${streamId}`.split(":");
  return withKeys(store, (key) => {
    const [sessionId = "", ...rest] = ids(key);
    return sessionId === "a" ? { sessionId, streamId: rest.join(":") || ":" } : key;
  });
};

export const deletesAtDelivery: Fault = (store) =>
  withLog(store, (log) => ({
    read: async (key, ...rest) => {
      const result = await log.read(key, ...rest);
      const last = result.outcome === "page" ? result.events.at(-1)?.offset : undefined;
      const fence = (await store.sessions.get(key.sessionId))?.fence;
      if (last && fence) await log.trim(key, last, fence);
      return result;
    },
  }));

export const forgetsTheEnd: Fault = (store) =>
  withLog(store, (log) => ({
    append: async (key, events, options) => {
      if (events.length > 0) return log.append(key, events, { ...options, end: false });
      return { outcome: "ok", last: (await log.head(key))?.last ?? 0 };
    },
  }));

/** Looks whether the stream has ended, and ends it some time later. */
export const endsMoreThanOnce: Fault = (store) =>
  withLog(store, (log) => ({
    append: async (key, events, options = {}) => {
      if ((await log.head(key))?.ended) return { outcome: "ended" };
      if (!options.end || events.length === 0) return log.append(key, events, options);
      const result = await log.append(key, events, { ...options, end: false });
      await pause();
      await log.append(key, [], { end: true });
      return result;
    },
  }));

export const ignoresTheFence: Fault = (store) =>
  withLog(store, (log) => ({
    append: async (key, events, options = {}) => {
      const fence = options.fence && (await store.sessions.get(key.sessionId))?.fence;
      return log.append(key, events, { ...options, ...(fence && { fence }) });
    },
  }));

export const restartsOffsetsAfterReopening: Fault = (store, world) => {
  const { restarts } = world;
  return withKeys(store, (key) =>
    restarts === 0 ? key : { ...key, streamId: `${key.streamId} after ${restarts}` },
  );
};

/** Trims final events like any others, but still says of those it has that they are final. */
export const losesFinalsOnTrimming: Fault = (store, { notes }) => {
  const id = (key: StreamKey, payload: string) => JSON.stringify([key.sessionId, key.streamId, payload]);
  const marked = (key: StreamKey, events: readonly StoredEvent[]) =>
    events.map((event) => ({ ...event, final: notes.has(id(key, event.payload)) }));
  return withLog(store, (log) => ({
    append: (key, events, options) => {
      for (const { final, payload } of events) if (final) notes.set(id(key, payload), true);
      return log.append(
        key,
        events.map((event) => ({ ...event, final: false })),
        options,
      );
    },
    read: async (key, ...rest) => {
      const result = await log.read(key, ...rest);
      return result.outcome === "page" ? { ...result, events: marked(key, result.events) } : result;
    },
    finals: async (key) => {
      const result = await log.read(key, ((await log.head(key))?.oldest ?? 1) - 1, {
        events: 1e6,
        bytes: 1e9,
      });
      return result.outcome === "page" ? marked(key, result.events).filter(({ final }) => final) : [];
    },
    take: async (key, ...rest) => {
      const result = await log.take(key, ...rest);
      return result.outcome === "ok" ? { ...result, events: marked(key, result.events) } : result;
    },
  }));
};

/** Writes one event after the other. */
export const appendsPieceByPiece: Fault = (store) =>
  withLog(store, (log) => ({
    append: async (key, events, options = {}) => {
      const { end = false, ...others } = options;
      for (const event of events.slice(0, -1)) {
        const result = await log.append(key, [event], others);
        if (result.outcome !== "ok") return result;
        await pause();
      }
      return log.append(key, events.slice(-1), { ...others, end });
    },
  }));

export const countsCharactersForBytes: Fault = (store) =>
  withLog(store, (log) => ({
    read: async (key, after, limits) => {
      const result = await log.read(key, after, { ...limits, bytes: 4 * limits.bytes });
      if (result.outcome !== "page") return result;
      let characters = 0;
      const events = result.events.filter(({ payload }, index) => {
        characters += payload.length;
        return index === 0 || characters <= limits.bytes;
      });
      return { ...result, events, ended: result.ended && events.length === result.events.length };
    },
  }));

export const normalisesText: Fault = (store) =>
  withLog(store, (log) => ({
    append: (key, events, options) =>
      log.append(
        key,
        events.map((event) => ({ ...event, payload: event.payload.normalize("NFC") })),
        options,
      ),
  }));

export const trimsAFullInbox: Fault = (store) =>
  withLog(store, (log) => ({
    append: (key, events, options) => log.append(key, events, { ...options, refuseWhenFull: false }),
  }));

export const takesUnderAnyFence: Fault = (store) =>
  withLog(store, (log) => ({
    take: async (key, limits, fence) =>
      log.take(key, limits, (await store.sessions.get(key.sessionId))?.fence ?? fence),
  }));

/** Lets the consumer trim, who may never come to it. */
export const takesWithoutRemoving: Fault = (store) =>
  withLog(store, (log) => ({
    take: async (key, limits, fence) => {
      const { outcome } = await log.trim(key, 0, fence);
      if (outcome !== "ok") return { outcome };
      const { last = 0, oldest = 1 } = (await log.head(key)) ?? {};
      const page = await log.read(key, oldest - 1, limits);
      const events = page.outcome === "page" ? page.events : [];
      return { outcome, events, more: last >= oldest + events.length };
    },
  }));

/** Reads, and removes some time later. */
export const takesInTwoSteps: Fault = (store, world) =>
  withLog(takesWithoutRemoving(store, world), ({ take, trim }) => ({
    take: async (key, limits, fence) => {
      const taken = await take(key, limits, fence);
      await pause();
      const last = taken.outcome === "ok" ? taken.events.at(-1) : undefined;
      if (last) await trim(key, last.offset, fence);
      return taken;
    },
  }));

/** Takes a whole page, and cuts it to the limit of bytes afterwards. */
export const takesMoreThanItReturns: Fault = (store) =>
  withLog(store, (log) => ({
    take: async (key, limits, fence) => {
      const taken = await log.take(key, { ...limits, bytes: 1e9 }, fence);
      if (taken.outcome !== "ok") return taken;
      let bytes = 0;
      const events = taken.events.filter(({ payload }, index) => {
        bytes += Buffer.byteLength(payload);
        return index === 0 || bytes <= limits.bytes;
      });
      return { ...taken, events, more: taken.more || events.length < taken.events.length };
    },
  }));

export const takesEverything: Fault = (store) =>
  withLog(store, (log) => ({
    take: (key, _, fence) => log.take(key, { events: 1e6, bytes: 1e9 }, fence),
  }));

export const losesWakeUps: Fault = (store) =>
  withLog(store, (log) => ({
    watch: (key, wake, signal) => {
      let calls = 0;
      return log.watch(key, () => ++calls % 3 !== 0 && wake(), signal);
    },
  }));

/** Wakes the watchers first and writes then, so that they look too early and are never told again. */
export const wakesBeforeItWrites: Fault = (store, { notes }) =>
  withLog(store, (log) => {
    const wakers = (key: StreamKey) => {
      const id = JSON.stringify([key.sessionId, key.streamId]);
      if (!notes.has(id)) notes.set(id, new Set());
      return notes.get(id) as Set<() => void>;
    };
    return {
      watch: async (key, wake, signal) => {
        wakers(key).add(wake);
        signal.addEventListener("abort", () => wakers(key).delete(wake));
      },
      append: async (key, events, options) => {
        for (const wake of wakers(key)) wake();
        await new Promise((resolve) => setTimeout(resolve, 5));
        return log.append(key, events, options);
      },
    };
  });
