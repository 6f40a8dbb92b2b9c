import { DurableMcpError, type SessionRecord } from "@durable-mcp/contract";
import { unanswered } from "./awaited-streams.js";
import type { NodeLife } from "./node-life.js";
import type { EndpointSettings, SessionOpener } from "./options.js";
import { OwnedSessions } from "./owned-sessions.js";
import type { RemoteSession } from "./remote-session.js";
import { RemoteSessions } from "./remote-sessions.js";
import type { Session } from "./session.js";
import { notOwner, shuttingDown } from "./session-errors.js";

type CreateServer = SessionOpener["createServer"];

/** The way to every session: those that this node owns, those that other nodes own, and those that nobody does. */
export class SessionDirectory {
  readonly owned: OwnedSessions;
  readonly #settings: EndpointSettings;
  /** This node among those that share the store; undefined where there are no others. */
  readonly #life: NodeLife | undefined;
  readonly #remotes: RemoteSessions | undefined;
  #closing = false;

  constructor(settings: EndpointSettings, life: NodeLife | undefined) {
    this.#settings = settings;
    this.#life = life;
    this.owned = new OwnedSessions(settings, life);
    this.#remotes = life && new RemoteSessions(life, settings);
  }

  /** Those that this node owns. */
  get live(): ReadonlyMap<string, Session> {
    return this.owned.live;
  }

  /** Those of other nodes that are served here. */
  get remotes(): readonly RemoteSession[] {
    return this.#remotes ? [...this.#remotes] : [];
  }

  /** All that have to do with this node. */
  get here(): readonly (Session | RemoteSession)[] {
    return [...this.live.values(), ...this.remotes];
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
    const session = await this.owned.alive(id);
    // A session of somebody else costs the same look into the store as none.
    if (session?.principal === principal) return session;
    const remote = this.#remotes?.get(id);
    if (remote?.principal === principal) return used(remote, createServer);
    const record = await this.#recordOf(id);
    if (record?.principal !== principal) return undefined;
    // Whether its owner lives is found out when it does not answer.
    if (this.#hasOtherOwner(record)) return this.#remoteSession(record, createServer);
    const claimed = await this.owned.restore(record, createServer);
    return claimed && (claimed.session ?? this.#remoteSession(claimed.record, createServer));
  }

  /** Whether there is a session of that id and principal, here or in the store. */
  async has(id: string, principal: string): Promise<boolean> {
    if ((await this.owned.alive(id))?.principal === principal) return true;
    return (await this.#recordOf(id))?.principal === principal;
  }

  /**
   * Ends a session for good, on whatever node it is and in the store.
   *
   * Returns: false if there was none, or it belongs to another principal
   */
  async terminate(id: string, principal: string, createServer: CreateServer): Promise<boolean> {
    if ((await this.owned.alive(id))?.principal !== principal) {
      const record = await this.#recordOf(id);
      if (record?.principal !== principal) return false;
      // Its owner stops first, so that nobody is answered any more when the client hears that the session has ended.
      if (this.#hasOtherOwner(record)) await this.#remoteSession(record, createServer).toOwner.stop();
    }
    const { outcome } = await this.#settings.store.sessions.terminate(id);
    await this.owned.restored(id);
    this.live.get(id)?.end();
    this.#remotes?.get(id)?.end();
    return outcome === "ok";
  }

  /** Lets go of every session, those that are being restored too; the store keeps them. What is being opened ends. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#remotes?.close();
    await this.owned.close();
    this.#life?.leave();
  }

  async #recordOf(id: string): Promise<SessionRecord | undefined> {
    return this.owned.isStopped(id) ? undefined : this.#settings.store.sessions.get(id);
  }

  #hasOtherOwner({ nodeId }: SessionRecord): boolean {
    return (
      this.#life !== undefined &&
      nodeId !== "" &&
      nodeId !== this.owned.nodeId &&
      !this.#life.isFormerSelf(nodeId)
    );
  }

  #remoteSession(record: SessionRecord, createServer: CreateServer): RemoteSession {
    // Without others the record would have been claimed.
    if (!this.#remotes) throw notOwner();
    if (this.#closing) throw shuttingDown();
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
      nodeId === this.owned.nodeId ? this.live.has(id) : nodeId !== "" && !(await this.#life?.isDead(nodeId));
    if (isOwned || this.#closing) return record;
    const claimed = await this.owned.restore(record, createServer).catch((error: unknown) => {
      // The session is there: it is the drop-in transport whose server object was to serve it that is gone.
      const isTransportGone = error instanceof DurableMcpError && error.code === "SESSION_NOT_FOUND";
      throw isTransportGone ? unanswered() : error;
    });
    return claimed?.session ? this.#settings.store.sessions.get(id) : claimed?.record;
  }
}

/** A session that is asked for once more. */
function used(session: RemoteSession, createServer: CreateServer): RemoteSession {
  session.lastUsedMs = performance.now();
  session.createServer = createServer;
  return session;
}
