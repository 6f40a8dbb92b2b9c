import { DurableMcpError, type SessionRecord } from "@durable-mcp/contract";
import { nextTurn } from "./next-turn.js";
import type { EndpointSettings, SessionOpener } from "./options.js";
import { tooLarge } from "./record-keeper.js";
import { restore } from "./restore.js";
import { Session } from "./session.js";
import type { SessionShape } from "./session-shape.js";

type CreateServer = SessionOpener["createServer"];

/** How long `createServer` and a restore may take, in ms. */
const START_DEADLINE_MS = 15_000;

/** The sessions that this node owns, and the way to those it does not have in memory. */
export class SessionDirectory {
  readonly #settings: EndpointSettings;
  readonly #nodeId: string;
  readonly #live = new Map<string, Session>();
  readonly #restoring = new Map<string, Promise<Session | undefined>>();
  #closing = false;

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
   * Errors:  SESSION_QUOTA; SESSION_TOO_LARGE; what `createServer` throws; what the store says
   * Source:  G7, G9
   */
  async open(
    id: string,
    principal: string,
    shape: SessionShape,
    createServer: CreateServer,
  ): Promise<Session> {
    const { store, idleTtlMs, maxSessionsPerPrincipal, maxSessions, maxSessionLength } = this.#settings;
    if (JSON.stringify(shape).length > maxSessionLength) throw tooLarge(maxSessionLength);
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
    let session: Session | undefined;
    try {
      session = this.#newSession(created.record, false, createServer);
      await withDeadline(session.start({ restored: false }));
      if (this.#closing) throw new DurableMcpError("DRAINING", "This server is shutting down; try again.");
      this.#live.set(id, session);
      return session;
    } catch (error) {
      session?.end();
      await store.sessions.terminate(id, created.record.fence);
      throw error;
    }
  }

  /**
   * The session of that id, restored first if this node does not run it; undefined if there is none or it belongs to
   * another principal: the two cannot be told apart.
   *
   * Source:  G3, G4, G9
   */
  async find(id: string, principal: string, createServer: CreateServer): Promise<Session | undefined> {
    const session = this.#alive(id);
    // A session of somebody else costs the same look into the store as none.
    return session?.principal === principal ? session : this.#restore(id, principal, createServer);
  }

  /** Whether there is a session of that id and principal, here or in the store. */
  async has(id: string, principal: string): Promise<boolean> {
    if (this.#alive(id)?.principal === principal) return true;
    return (await this.#settings.store.sessions.get(id))?.principal === principal;
  }

  /**
   * Ends a session for good, on this node and in the store.
   *
   * Returns: false if there was none, or it belongs to another principal
   */
  async terminate(id: string, principal: string): Promise<boolean> {
    if (!(await this.has(id, principal))) return false;
    const { outcome } = await this.#settings.store.sessions.terminate(id);
    await this.#restoring.get(id)?.catch(() => {});
    this.#live.get(id)?.end();
    return outcome === "ok";
  }

  /** Lets go of every session, those that are being restored too; the store keeps them. What is being opened ends. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.allSettled(this.#restoring.values());
    // What servers have sent in this turn is on its way to the store after it.
    await nextTurn();
    for (const session of [...this.#live.values()]) {
      await session.settle();
      session.release();
    }
  }

  /** The session if it is in memory and not past its expiry, of which the store has the last word. */
  #alive(id: string): Session | undefined {
    const session = this.#live.get(id);
    if (!session || session.expiresAtMs > Date.now()) return session;
    session.end();
    return undefined;
  }

  async #restore(id: string, principal: string, createServer: CreateServer): Promise<Session | undefined> {
    const record = await this.#settings.store.sessions.get(id);
    if (record?.principal !== principal) return undefined;
    // Another request may have restored it while this one read the record.
    const restored = this.#alive(id);
    if (restored) return restored;
    const underWay = this.#restoring.get(id);
    if (underWay) return underWay;
    const restoring = this.#claimAndRestore(record, createServer).finally(() => this.#restoring.delete(id));
    this.#restoring.set(id, restoring);
    return restoring;
  }

  async #claimAndRestore(record: SessionRecord, createServer: CreateServer): Promise<Session | undefined> {
    const claimed = await this.#settings.store.sessions.claim(record.id, record.fence, this.#nodeId);
    if (claimed.outcome === "gone") return undefined;
    if (claimed.outcome === "lost") {
      throw new DurableMcpError(
        "STORE_UNAVAILABLE",
        "Another node has just taken the session over; try again.",
      );
    }
    const session = this.#newSession(claimed.record, true, createServer);
    try {
      await withDeadline(restore(session, this.#settings));
      if (session.released || this.#closing) {
        throw new DurableMcpError(
          "STORE_UNAVAILABLE",
          "The session was lost while it was restored; try again.",
        );
      }
      this.#live.set(record.id, session);
      this.#settings.logger.info("durable-mcp: session restored", { session: session.label });
      return session;
    } catch (error) {
      session.release();
      throw error;
    }
  }

  #newSession(record: SessionRecord, replaying: boolean, createServer: CreateServer): Session {
    const onReleased = (released: Session) => {
      if (this.#live.get(released.id) === released) this.#live.delete(released.id);
    };
    return new Session(this.#settings, record, { createServer, replaying, onReleased });
  }
}

/**
 * Waits for a server object to be built and connected.
 *
 * Errors:  INTERNAL when that takes too long: whoever waits for the session must not wait for ever
 */
async function withDeadline(started: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new DurableMcpError("INTERNAL", `The server object was not ready within ${START_DEADLINE_MS} ms.`),
      );
    }, START_DEADLINE_MS);
  });
  await Promise.race([started, late]).finally(() => clearTimeout(timer));
}
