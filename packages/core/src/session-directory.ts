import { DurableMcpError, type SessionRecord } from "@durable-mcp/contract";
import { nextTurn } from "./next-turn.js";
import type { NodeLife } from "./node-life.js";
import type { EndpointSettings, SessionOpener } from "./options.js";
import type { RemoteSession } from "./remote-session.js";
import { RemoteSessions } from "./remote-sessions.js";
import { restore } from "./restore.js";
import { Session } from "./session.js";
import { notOwner, shuttingDown, tooLarge } from "./session-errors.js";
import type { SessionShape } from "./session-shape.js";

type CreateServer = SessionOpener["createServer"];

/** How long `createServer` and a restore may take, in ms. */
const START_DEADLINE_MS = 15_000;

/** How long in ms it is waited for more sessions that are lost, so that one line of the log tells of all. */
const LOST_TOGETHER_MS = 100;

/** How long in ms another node may take to end a session in the store; if it dies over that, the session lives on. */
const STOPPED_MS = 5_000;

/** A session that was taken over by this node, or the record of one that another node has taken over just before. */
type Claimed =
  | { readonly session: Session }
  | { readonly session?: undefined; readonly record: SessionRecord };

/** The sessions that this node owns, and the way to those it does not have in memory. */
export class SessionDirectory {
  readonly #settings: EndpointSettings;
  readonly #nodeId: string;
  /** This node among those that share the store; undefined where there are no others. */
  readonly #life: NodeLife | undefined;
  readonly #live = new Map<string, Session>();
  readonly #remotes: RemoteSessions | undefined;
  readonly #restoring = new Map<string, Promise<Claimed | undefined>>();
  readonly #lost: Session[] = [];
  /** Ids of sessions that other nodes are about to end in the store. */
  readonly #stopped = new Set<string>();
  #closing = false;

  constructor(settings: EndpointSettings, life: NodeLife | undefined) {
    this.#settings = settings;
    this.#life = life;
    this.#nodeId = life?.id ?? settings.nodeId ?? crypto.randomUUID();
    this.#remotes = life && new RemoteSessions(life, settings);
  }

  /** Those that this node owns. */
  get live(): ReadonlyMap<string, Session> {
    return this.#live;
  }

  /** Those of other nodes that are served here. */
  get remotes(): readonly RemoteSession[] {
    return this.#remotes ? [...this.#remotes] : [];
  }

  /** All that have to do with this node. */
  get here(): readonly (Session | RemoteSession)[] {
    return [...this.#live.values(), ...this.remotes];
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
    await this.#life?.join();
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
      await withDeadline(Promise.all([session.start({ restored: false }), session.inbox?.open()]));
      if (this.#closing) throw shuttingDown();
      this.#live.set(id, session);
      return session;
    } catch (error) {
      session?.end();
      await store.sessions.terminate(id, created.record.fence);
      throw error;
    }
  }

  /**
   * The session of that id: here, at the node that owns it, or restored first if no node does. Undefined if there is none
   * or it belongs to another principal: the two cannot be told apart.
   *
   * Source:  G3, G4, G5, G9
   */
  async find(
    id: string,
    principal: string,
    createServer: CreateServer,
  ): Promise<Session | RemoteSession | undefined> {
    const session = await this.#alive(id);
    // A session of somebody else costs the same look into the store as none.
    if (session?.principal === principal) return session;
    const remote = this.#remotes?.get(id);
    if (remote?.principal === principal) return used(remote, createServer);
    const record = await this.#recordOf(id);
    if (record?.principal !== principal) return undefined;
    // Whether its owner lives is found out when it does not answer.
    if (this.#hasOtherOwner(record)) return this.#remoteSession(record, createServer);
    const claimed = await this.#restore(record, createServer);
    return claimed && (claimed.session ?? this.#remoteSession(claimed.record, createServer));
  }

  /** Whether there is a session of that id and principal, here or in the store. */
  async has(id: string, principal: string): Promise<boolean> {
    if ((await this.#alive(id))?.principal === principal) return true;
    return (await this.#recordOf(id))?.principal === principal;
  }

  /**
   * Ends a session for good, on whatever node it is and in the store.
   *
   * Returns: false if there was none, or it belongs to another principal
   */
  async terminate(id: string, principal: string, createServer: CreateServer): Promise<boolean> {
    if ((await this.#alive(id))?.principal !== principal) {
      const record = await this.#recordOf(id);
      if (record?.principal !== principal) return false;
      // Its owner stops first, so that nobody is answered any more when the client hears that the session has ended.
      if (this.#hasOtherOwner(record)) await this.#remoteSession(record, createServer).stop();
    }
    const { outcome } = await this.#settings.store.sessions.terminate(id);
    await this.#restoring.get(id)?.catch(() => {});
    this.#live.get(id)?.end();
    this.#remotes?.get(id)?.end();
    return outcome === "ok";
  }

  /** Others may have taken this node for dead, and its sessions over. */
  async verifyAll(): Promise<void> {
    await Promise.allSettled([...this.#live.values()].map((session) => session.verify()));
  }

  /**
   * Lets go of a session so that any node may have it at once.
   *
   * Source:  G10
   */
  async handOver(session: Session): Promise<void> {
    session.release();
    if (!session.inbox) return;
    try {
      await session.inbox.close();
      await this.#settings.store.sessions.release(session.id, session.keeper.fence);
      session.followers.announceOwnership();
    } catch (error) {
      // Then others have it when they take this node for dead.
      this.#settings.logger.warn("durable-mcp: a session could not be handed over", { error: String(error) });
    }
  }

  /** Lets go of every session, those that are being restored too; the store keeps them. What is being opened ends. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#remotes?.close();
    await Promise.allSettled(this.#restoring.values());
    // What servers have sent in this turn is on its way to the store after it.
    await nextTurn();
    const handedOver = [...this.#live.values()].map(async (session) => {
      await session.settle();
      await this.handOver(session);
    });
    await Promise.allSettled(handedOver);
    this.#life?.leave();
  }

  /** The session if this node surely has it: what the store knows of it counts where this node may have missed something. */
  async #alive(id: string): Promise<Session | undefined> {
    const session = this.#live.get(id);
    if (!session) return undefined;
    const isSure = session.expiry.atMs > Date.now() && (this.#life?.isSure ?? true);
    if (isSure) return session;
    await this.#life?.join();
    await session.verify();
    return this.#live.get(id);
  }

  async #recordOf(id: string): Promise<SessionRecord | undefined> {
    return this.#stopped.has(id) ? undefined : this.#settings.store.sessions.get(id);
  }

  #hasOtherOwner({ nodeId }: SessionRecord): boolean {
    return (
      this.#life !== undefined && nodeId !== "" && nodeId !== this.#nodeId && !this.#life.isFormerSelf(nodeId)
    );
  }

  #remoteSession(record: SessionRecord, createServer: CreateServer): RemoteSession {
    // Without others the record would have been claimed.
    if (!this.#remotes) throw notOwner();
    const known = this.#remotes.get(record.id);
    if (known) return used(known, createServer);
    // Only a node that says it is alive can tell an outage of the store from the death of others.
    this.#life?.join().catch(() => {});
    const settings = this.#settings;
    const adopt = (found: SessionRecord, create: CreateServer) => this.#adopt(found, create);
    return this.#remotes.open({ settings, record, adopt, createServer });
  }

  /** Makes this node the owner of a session that has none. Returns: the record afterwards; undefined if it is gone */
  async #adopt(record: SessionRecord, createServer: CreateServer): Promise<SessionRecord | undefined> {
    const { id, nodeId } = record;
    const isOwned =
      nodeId === this.#nodeId ? this.#live.has(id) : nodeId !== "" && !(await this.#life?.isDead(nodeId));
    if (isOwned || this.#closing) return record;
    const claimed = await this.#restore(record, createServer);
    return claimed?.session ? this.#settings.store.sessions.get(id) : claimed?.record;
  }

  #restore(record: SessionRecord, createServer: CreateServer): Promise<Claimed | undefined> {
    // Another request may have restored it while this one read the record.
    const restored = this.#live.get(record.id);
    if (restored) return Promise.resolve({ session: restored });
    const underWay = this.#restoring.get(record.id);
    if (underWay) return underWay;
    const restoring = this.#claimAndRestore(record, createServer).finally(() =>
      this.#restoring.delete(record.id),
    );
    this.#restoring.set(record.id, restoring);
    return restoring;
  }

  async #claimAndRestore(record: SessionRecord, createServer: CreateServer): Promise<Claimed | undefined> {
    const { store, logger } = this.#settings;
    await this.#life?.join();
    const claimed = await store.sessions.claim(record.id, record.fence, this.#nodeId);
    if (claimed.outcome === "gone") return undefined;
    if (claimed.outcome === "lost") return { record: claimed.record };
    const session = this.#newSession(claimed.record, true, createServer);
    try {
      await withDeadline(restore(session, this.#settings));
      if (session.released || this.#closing) {
        throw notOwner();
      }
      this.#live.set(record.id, session);
      logger.info("durable-mcp: session restored", { session: session.label });
      session.inbox?.wake();
      return { session };
    } catch (error) {
      session.release();
      // Another node may fare better.
      await store.sessions.release(record.id, claimed.record.fence).catch(() => {});
      throw error;
    }
  }

  #newSession(record: SessionRecord, replaying: boolean, createServer: CreateServer): Session {
    const onReleased = (released: Session) => {
      if (this.#live.get(released.id) === released) this.#live.delete(released.id);
    };
    const onLost = (session: Session) => this.#tellLost(session);
    const onStopped = ({ id }: Session) => {
      this.#stopped.add(id);
      const timer = setTimeout(() => this.#stopped.delete(id), STOPPED_MS);
      (timer as { unref?: () => void }).unref?.();
    };
    return new Session(this.#settings, record, { createServer, replaying, onReleased, onLost, onStopped });
  }

  #tellLost(session: Session): void {
    this.#lost.push(session);
    if (this.#lost.length > 1) return;
    setTimeout(() => {
      const lost = this.#lost.splice(0);
      this.#settings.logger.warn("durable-mcp: sessions have ended or are owned by other nodes now", {
        count: lost.length,
        sessions: lost.slice(0, 10).map(({ label }) => label),
      });
    }, LOST_TOGETHER_MS);
  }
}

/** A session that is asked for once more. */
function used(session: RemoteSession, createServer: CreateServer): RemoteSession {
  session.lastUsedMs = performance.now();
  session.createServer = createServer;
  return session;
}

/**
 * Waits for a server object to be built and connected.
 *
 * Errors:  INTERNAL when that takes too long: whoever waits for the session must not wait for ever
 */
async function withDeadline(started: Promise<unknown>): Promise<void> {
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
