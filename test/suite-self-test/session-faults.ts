import { DurableMcpError, type SessionStore, type Store } from "@durable-mcp/contract";
import type { Fault } from "./breakable-harness.js";

function withSessions(store: Store, change: (sessions: SessionStore) => Partial<SessionStore>): Store {
  return { ...store, sessions: { ...store.sessions, ...change(store.sessions) } };
}

const UNBOUNDED = { maxPerPrincipal: 1_000_000, maxTotal: 1_000_000 };

async function pause(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

export const recreatesASessionOnTouch: Fault = (store, world) =>
  withSessions(store, (sessions) => ({
    touch: async (id, ttlMs) => {
      const result = await sessions.touch(id, ttlMs);
      const record = world.created.get(id);
      if (result.outcome === "ok" || !record) return result;
      await sessions.create(record, { ttlMs, ...UNBOUNDED });
      return { outcome: "ok" };
    },
  }));

/** Counts first and creates some time later. */
export const exceedsTheQuota: Fault = (store) =>
  withSessions(store, (sessions) => ({
    create: async (session, options) => {
      const { ttlMs, maxPerPrincipal } = options;
      const own = await sessions.list(session.principal, { limit: maxPerPrincipal });
      const isLive = (await sessions.get(session.id)) !== undefined;
      if (!isLive && own.sessions.length >= maxPerPrincipal) return { outcome: "quota", scope: "principal" };
      await pause();
      return sessions.create(session, { ttlMs, maxPerPrincipal: 1_000_000, maxTotal: options.maxTotal });
    },
  }));

/** Compares the fence first and sets it some time later. */
export const letsTwoClaimsWin: Fault = (store) =>
  withSessions(store, (sessions) => ({
    claim: async (id, expectedFence, nodeId) => {
      const record = await sessions.get(id);
      if (!record || record.fence !== expectedFence) return sessions.claim(id, expectedFence, nodeId);
      await pause();
      const result = await sessions.claim(id, (await sessions.get(id))?.fence ?? expectedFence, nodeId);
      return result.outcome === "ok"
        ? { ...result, record: { ...result.record, fence: expectedFence + 1 } }
        : result;
    },
  }));

export const ignoresTheVersion: Fault = (store) =>
  withSessions(store, (sessions) => ({
    update: (id, { fence }, change) => sessions.update(id, { fence }, change),
  }));

/** Keeps serving a session that has expired until someone sweeps. */
export const showsExpiredSessionsUntilSwept: Fault = (store, { notes }) =>
  withSessions(store, (sessions) => ({
    get: async (id) => {
      const record = await sessions.get(id);
      if (record) notes.set(id, record);
      return record ?? (notes.get(id) as typeof record);
    },
    create: async (session, options) => {
      const result = await sessions.create(session, options);
      if (result.outcome === "ok") notes.set(session.id, result.record);
      return result;
    },
    terminate: (id) => {
      notes.delete(id);
      return sessions.terminate(id);
    },
    sweep: (limit) => {
      notes.clear();
      return sessions.sweep(limit);
    },
  }));

/** Deletes the session but not its streams, which the next session of that id then has. */
export const leavesTheStreamsOfATerminatedSession: Fault = (store, { notes }) =>
  withSessions(store, (sessions) => ({
    terminate: async (id) => {
      for (const streamId of await store.log.openStreams(id)) {
        const result = await store.log.read({ sessionId: id, streamId }, 0, { events: 1e6, bytes: 1e9 });
        if (result.outcome === "page") notes.set(id, { streamId, events: result.events });
      }
      return sessions.terminate(id);
    },
    create: async (session, options) => {
      const result = await sessions.create(session, options);
      const left = notes.get(session.id) as { streamId: string; events: [] } | undefined;
      if (result.outcome === "ok" && left) {
        await store.log.append({ sessionId: session.id, streamId: left.streamId }, left.events);
      }
      return result;
    },
  }));

/** Takes the cursor for the number of sessions to skip. */
export const listsByPosition: Fault = (store) =>
  withSessions(store, (sessions) => ({
    list: async (principal, { limit, cursor }) => {
      const skip = Number(cursor ?? 0) || 0;
      const all = await sessions.list(principal, { limit: 1_000_000 });
      const page = all.sessions.slice(skip, skip + limit);
      const isLast = skip + limit >= all.sessions.length;
      return { sessions: page, ...(!isLast && { next: `${skip + limit}` }) };
    },
  }));

/** Sweeps all that is older than its own idea of a session's age: live sessions, too. */
export const sweepsLiveSessions: Fault = (store, world) =>
  withSessions(store, (sessions) => ({
    sweep: async (limit) => {
      for (const id of world.created.keys()) await sessions.terminate(id);
      return sessions.sweep(limit);
    },
  }));

export const answersAfterClose: Fault = (store) => ({
  ...store,
  log: {
    ...store.log,
    read: async (...call) => {
      try {
        return await store.log.read(...call);
      } catch (error) {
        const isClosed = error instanceof DurableMcpError && error.code === "STORE_CLOSED";
        if (isClosed) return { outcome: "page", events: [], ended: false };
        throw error;
      }
    },
  },
});

/** Believes for ever in a node that was alive once. */
export const trustsDeadNodes: Fault = (store, { notes }) => ({
  ...store,
  nodes: {
    heartbeat: async (nodeId, ttlMs) => {
      notes.set(`node ${nodeId}`, true);
      await store.nodes.heartbeat(nodeId, ttlMs);
    },
    isAlive: async (nodeId) => notes.has(`node ${nodeId}`),
  },
});
