import { DurableMcpError, type SessionRecord } from "@durable-mcp/contract";
import type { EndpointSettings } from "./options.js";
import { restore } from "./restore.js";
import { Session } from "./session.js";
import type { SessionShape } from "./session-shape.js";

/** The sessions that this node owns, and the way to those it does not have in memory. */
export class SessionDirectory {
  readonly #settings: EndpointSettings;
  readonly #nodeId: string;
  readonly #live = new Map<string, Session>();
  #closing = false;
  readonly #restoring = new Map<string, Promise<Session | undefined>>();

  constructor(settings: EndpointSettings, nodeId: string) {
    this.#settings = settings;
    this.#nodeId = nodeId;
  }

  get live(): ReadonlyMap<string, Session> {
    return this.#live;
  }

  /**
   * Opens a session: bounds first, then the record, then the server object.
   *
   * Errors:  SESSION_QUOTA; what `createServer` throws; what the store says
   * Source:  G7, G9
   */
  async open(id: string, principal: string, shape: SessionShape): Promise<Session> {
    const { store, idleTtlMs, maxSessionsPerPrincipal, maxSessions } = this.#settings;
    const created = await store.sessions.create(
      { id, principal, nodeId: this.#nodeId, shape, state: {} },
      { ttlMs: idleTtlMs, maxPerPrincipal: maxSessionsPerPrincipal, maxTotal: maxSessions },
    );
    if (created.outcome === "exists") {
      throw new DurableMcpError(
        "INTERNAL",
        "sessionIdGenerator made an id that is in use: its ids must be unguessable.",
      );
    }
    if (created.outcome === "quota") {
      const whose = created.scope === "principal" ? "of this caller" : "in all";
      throw new DurableMcpError(
        "SESSION_QUOTA",
        `Too many sessions ${whose}. End one (DELETE) or wait until one expires.`,
      );
    }
    const session = this.#newSession(created.record, false);
    try {
      await session.start({ restored: false });
      if (this.#closing) throw new DurableMcpError("DRAINING", "This server is shutting down; try again.");
      this.#live.set(id, session);
      return session;
    } catch (error) {
      await session.closedByServer();
      throw error;
    }
  }

  /**
   * The session of that id, restored first if this node does not run it; undefined if there is none or it belongs to
   * another principal: the two cannot be told apart.
   *
   * Source:  G3, G4, G9
   */
  async find(id: string, principal: string): Promise<Session | undefined> {
    const session = this.#alive(id) ?? (await this.#restore(id, principal));
    return session?.principal === principal ? session : undefined;
  }

  /**
   * Ends a session for good, on this node and in the store.
   *
   * Returns: false if there was none, or it belongs to another principal
   */
  async terminate(id: string, principal: string): Promise<boolean> {
    const owner = this.#live.get(id) ?? (await this.#settings.store.sessions.get(id));
    if (owner?.principal !== principal) return false;
    const { outcome } = await this.#settings.store.sessions.terminate(id);
    await this.#restoring.get(id)?.catch(() => {});
    this.#live.get(id)?.drop();
    return outcome === "ok";
  }

  /** Lets go of every session, those that are just being opened or restored too. The store keeps them. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.allSettled(this.#restoring.values());
    for (const session of [...this.#live.values()]) {
      await session.settle();
      session.drop();
    }
  }

  /** The session if it is in memory and not past its expiry, of which the store has the last word. */
  #alive(id: string): Session | undefined {
    const session = this.#live.get(id);
    if (!session || session.expiresAtMs > Date.now()) return session;
    session.drop();
    return undefined;
  }

  async #restore(id: string, principal: string): Promise<Session | undefined> {
    const record = await this.#settings.store.sessions.get(id);
    if (record?.principal !== principal) return undefined;
    // Another request may have restored it while this one read the record.
    const restored = this.#alive(id);
    if (restored) return restored;
    const restoring = this.#restoring.get(id) ?? this.#claimAndRestore(record);
    this.#restoring.set(id, restoring);
    try {
      return await restoring;
    } finally {
      this.#restoring.delete(id);
    }
  }

  async #claimAndRestore(record: SessionRecord): Promise<Session | undefined> {
    const claimed = await this.#settings.store.sessions.claim(record.id, record.fence, this.#nodeId);
    if (claimed.outcome === "gone") return undefined;
    if (claimed.outcome === "lost") {
      throw new DurableMcpError(
        "STORE_UNAVAILABLE",
        "Another node has just taken the session over; try again.",
      );
    }
    const session = this.#newSession(claimed.record, true);
    try {
      await restore(session, this.#settings);
      if (session.dropped || this.#closing) {
        throw new DurableMcpError(
          "STORE_UNAVAILABLE",
          "The session was lost while it was restored; try again.",
        );
      }
      this.#live.set(record.id, session);
      return session;
    } catch (error) {
      session.drop();
      throw error;
    }
  }

  #newSession(record: SessionRecord, replaying: boolean): Session {
    return new Session(this.#settings, record, replaying, (dropped) => {
      if (this.#live.get(dropped.id) === dropped) this.#live.delete(dropped.id);
    });
  }
}
