import { DurableMcpError } from "./errors.js";
import type { ReadLimits } from "./event-log.js";
import type { Store } from "./store.js";
import type { EventInput, StreamKey } from "./stream.js";

/**
 * Puts around a store's own code what every store owes its callers, so that an adapter need not write it again:
 * arguments are checked (a programmer's mistake is a TypeError), every method after `close()` rejects with
 * STORE_CLOSED, `close()` may be called twice, and whatever the adapter throws that is not a DurableMcpError becomes
 * STORE_UNAVAILABLE with its cause.
 */
export function guardStore(store: Store): Store {
  let closing: Promise<void> | undefined;

  const run = async <T>(operation: () => Promise<T>): Promise<T> => {
    if (closing) {
      throw new DurableMcpError("STORE_CLOSED", "The store was closed; open a new one to go on.");
    }
    try {
      return await operation();
    } catch (error) {
      if (error instanceof DurableMcpError) throw error;
      throw new DurableMcpError("STORE_UNAVAILABLE", `The store failed: ${messageOf(error)}`, {
        cause: error,
      });
    }
  };

  const { log, sessions, nodes, changes } = store;
  return {
    capabilities: store.capabilities,
    log: {
      append: async (key, events, options = {}) => {
        checkKey(key);
        checkEvents(events);
        if (events.length === 0 && !options.end)
          throw new TypeError("append: events is empty and end is not set");
        if (options.fence !== undefined) checkPositive("append: options.fence", options.fence);
        return run(() => log.append(key, events, options));
      },
      read: async (key, after, limits) => {
        checkKey(key);
        checkOffset("read: after", after);
        checkLimits("read", limits);
        return run(() => log.read(key, after, limits));
      },
      finals: async (key) => {
        checkKey(key);
        return run(() => log.finals(key));
      },
      head: async (key) => {
        checkKey(key);
        return run(() => log.head(key));
      },
      openStreams: async (sessionId) => {
        checkName("openStreams: sessionId", sessionId);
        return run(() => log.openStreams(sessionId));
      },
      trim: async (key, upTo, fence) => {
        checkKey(key);
        checkOffset("trim: upTo", upTo);
        checkPositive("trim: fence", fence);
        return run(() => log.trim(key, upTo, fence));
      },
      take: async (key, limits, fence) => {
        checkKey(key);
        checkLimits("take", limits);
        checkPositive("take: fence", fence);
        return run(() => log.take(key, limits, fence));
      },
      watch: async (key, wake, signal) => {
        checkKey(key);
        return run(async () => signal.aborted || (await log.watch(key, wake, signal))).then(() => undefined);
      },
    },
    sessions: {
      create: async (session, options) => {
        checkName("create: session.id", session.id);
        checkName("create: session.nodeId", session.nodeId);
        checkPrincipal("create: session.principal", session.principal);
        checkObject("create: session.shape", session.shape);
        checkObject("create: session.state", session.state);
        checkPositive("create: options.ttlMs", options.ttlMs);
        checkPositive("create: options.maxPerPrincipal", options.maxPerPrincipal);
        checkPositive("create: options.maxTotal", options.maxTotal);
        return run(() => sessions.create(session, options));
      },
      get: async (id) => {
        checkName("get: id", id);
        return run(() => sessions.get(id));
      },
      update: async (id, expected, change) => {
        checkName("update: id", id);
        checkPositive("update: expected.fence", expected.fence);
        if (expected.version !== undefined) checkPositive("update: expected.version", expected.version);
        if (change.shape !== undefined) checkObject("update: change.shape", change.shape);
        if (change.state !== undefined) checkObject("update: change.state", change.state);
        return run(() => sessions.update(id, expected, change));
      },
      touch: async (id, ttlMs) => {
        checkName("touch: id", id);
        checkPositive("touch: ttlMs", ttlMs);
        return run(() => sessions.touch(id, ttlMs));
      },
      claim: async (id, expectedFence, nodeId) => {
        checkName("claim: id", id);
        checkPositive("claim: expectedFence", expectedFence);
        checkName("claim: nodeId", nodeId);
        return run(() => sessions.claim(id, expectedFence, nodeId));
      },
      release: async (id, fence) => {
        checkName("release: id", id);
        checkPositive("release: fence", fence);
        return run(() => sessions.release(id, fence));
      },
      terminate: async (id, fence) => {
        checkName("terminate: id", id);
        if (fence !== undefined) checkPositive("terminate: fence", fence);
        return run(() => sessions.terminate(id, fence));
      },
      list: async (principal, page) => {
        checkPrincipal("list: principal", principal);
        checkPositive("list: page.limit", page.limit);
        return run(() => sessions.list(principal, page));
      },
      sweep: async (limit) => {
        checkPositive("sweep: limit", limit);
        return run(() => sessions.sweep(limit));
      },
    },
    nodes: {
      heartbeat: async (nodeId, ttlMs) => {
        checkName("heartbeat: nodeId", nodeId);
        checkPositive("heartbeat: ttlMs", ttlMs);
        return run(() => nodes.heartbeat(nodeId, ttlMs));
      },
      isAlive: async (nodeId) => {
        checkName("isAlive: nodeId", nodeId);
        return run(() => nodes.isAlive(nodeId));
      },
    },
    changes: {
      publish: (change) => run(() => changes.publish(change)),
      subscribe: (listener, options) =>
        run(async () => options.signal.aborted || (await changes.subscribe(listener, options))).then(
          () => undefined,
        ),
    },
    ready: () => run(() => store.ready()),
    close: () => {
      closing ??= store.close();
      return closing;
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function checkKey(key: StreamKey): void {
  checkName("key.sessionId", key.sessionId);
  checkName("key.streamId", key.streamId);
}

function checkName(what: string, value: string): void {
  if (typeof value !== "string" || value === "") throw new TypeError(`${what} must be a non-empty string`);
}

function checkEvents(events: readonly EventInput[]): void {
  for (const { kind, payload } of events) {
    if (kind !== "message" && kind !== "control") throw new TypeError(`append: unknown event kind ${kind}`);
    if (typeof payload !== "string") throw new TypeError("append: an event's payload must be a string");
  }
}

function checkPrincipal(what: string, value: string): void {
  if (typeof value !== "string")
    throw new TypeError(`${what} must be a string; "" where nobody is authenticated`);
}

function checkObject(what: string, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(`${what} must be a JSON object`);
}

function checkOffset(what: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new TypeError(`${what} must be an integer >= 0, got ${value}`);
}

function checkLimits(method: string, limits: ReadLimits): void {
  checkPositive(`${method}: limits.events`, limits.events);
  checkPositive(`${method}: limits.bytes`, limits.bytes);
}

function checkPositive(what: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new TypeError(`${what} must be an integer >= 1, got ${value}`);
}
