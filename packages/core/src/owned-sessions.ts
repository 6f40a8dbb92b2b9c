import { DurableMcpError, type SessionRecord } from "@durable-mcp/contract";
import { nextTurn } from "./next-turn.js";
import type { NodeLife } from "./node-life.js";
import type { EndpointSettings, SessionOpener } from "./options.js";
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

/** The sessions that this node owns. */
export class OwnedSessions {
  /** Names this node in the records of its sessions. */
  readonly nodeId: string;
  readonly #settings: EndpointSettings;
  readonly #life: NodeLife | undefined;
  readonly #live = new Map<string, Session>();
  readonly #restoring = new Map<string, Promise<Claimed | undefined>>();
  readonly #lost: Session[] = [];
  /** Sessions that this node does not have and may still be named as the owner of: the store could not be told. */
  readonly #owed = new Set<string>();
  /** Ids of sessions that other nodes are about to end in the store. */
  readonly #stopped = new Set<string>();
  #putsOff = false;
  #closing = false;

  constructor(settings: EndpointSettings, life: NodeLife | undefined) {
    this.#settings = settings;
    this.#life = life;
    this.nodeId = life?.id ?? settings.nodeId ?? crypto.randomUUID();
  }

  /** Those that are in memory. */
  get live(): ReadonlyMap<string, Session> {
    return this.#live;
  }

  /** Whether another node is about to end the session in the store. */
  isStopped(id: string): boolean {
    return this.#stopped.has(id);
  }

  /** Resolves when the session is not being restored any more. Never rejects. */
  async restored(id: string): Promise<void> {
    await this.#restoring.get(id)?.catch(() => {});
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
      { id, principal, nodeId: this.nodeId, shape, state: {} },
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

  /** The session if this node surely has it: what the store knows of it counts where this node may have missed something. */
  async alive(id: string): Promise<Session | undefined> {
    const session = this.#live.get(id);
    if (!session) return undefined;
    const isSure = session.expiry.atMs > Date.now() && (this.#life?.isSure ?? true);
    if (isSure) return session;
    await this.#life?.join();
    await session.verify();
    return this.#live.get(id);
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
      this.#owed.add(session.id);
      this.#settings.logger.warn("durable-mcp: a session could not be handed over", { error: String(error) });
    }
  }

  /** From now on calls that come at other nodes are left to the next owners, in sessions taken over later too. */
  putOffCalls(): void {
    this.#putsOff = true;
    for (const { inbox } of this.#live.values()) inbox?.putOffCalls();
  }

  /** The store is back: what this node is named as the owner of without having it, others may have. */
  async giveUpOwed(): Promise<void> {
    const { sessions } = this.#settings.store;
    for (const id of this.#owed) {
      const record = await sessions.get(id);
      const isOwed = record?.nodeId === this.nodeId && !this.#live.has(id) && !this.#restoring.has(id);
      if (isOwed) await sessions.release(id, record.fence);
      this.#owed.delete(id);
    }
  }

  /** Lets go of every one, those that are being restored too; the store keeps them. What is being opened ends. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.allSettled(this.#restoring.values());
    // What servers have sent in this turn is on its way to the store after it.
    await nextTurn();
    const handedOver = [...this.#live.values()].map(async (session) => {
      await session.settle();
      await this.handOver(session);
    });
    await Promise.allSettled(handedOver);
  }

  /**
   * Takes a session over that has no owner, or whose owner is gone: claims it and builds a fresh server object.
   *
   * Returns: undefined if the session is gone
   * Errors:  what `createServer` throws; NOT_OWNER if it is lost at once; what the store says
   * Source:  G4, G6
   */
  restore(record: SessionRecord, createServer: CreateServer): Promise<Claimed | undefined> {
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
    const claimed = await store.sessions.claim(record.id, record.fence, this.nodeId).catch((error) => {
      // It may have come to the store all the same.
      this.#owed.add(record.id);
      throw error;
    });
    if (claimed.outcome === "gone") return undefined;
    if (claimed.outcome === "lost") return { record: claimed.record };
    const session = this.#newSession(claimed.record, true, createServer);
    if (this.#putsOff) session.inbox?.putOffCalls();
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
      await store.sessions.release(record.id, claimed.record.fence).catch(() => this.#owed.add(record.id));
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
      const timer = setTimeout(() => {
        this.#stopped.delete(id);
        // If it lives on after all, others may have it.
        this.#owed.add(id);
      }, STOPPED_MS);
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
