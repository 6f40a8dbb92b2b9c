import { asDurableMcpError } from "./answers.js";
import type { Logger } from "./logger.js";
import type { NodeLife } from "./node-life.js";
import type { EndpointSettings } from "./options.js";
import { RemoteSession, type RemoteSessionOptions } from "./remote-session.js";

/** How often within a node's expiry it is looked whether owners are alive. */
const LOOKS_PER_EXPIRY = 10;

/** How long in ms a session that nobody asks for any more is remembered, so that the next request costs less. */
const FORGET_AFTER_MS = 60_000;

/** How many sessions are taken over at a time. */
const LANES = 32;

/** The sessions of other nodes that clients have come to this one for; looks after their owners (G6). */
export class RemoteSessions implements Iterable<RemoteSession> {
  readonly #life: NodeLife;
  readonly #lookMs: number;
  readonly #logger: Logger;
  readonly #byId = new Map<string, RemoteSession>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #looking = false;
  /** Those that are to be looked at, and those that are being looked at. */
  readonly #concerned = new Set<RemoteSession>();
  readonly #underWay = new Set<RemoteSession>();

  constructor(
    life: NodeLife,
    { heartbeatTtlMs, logger }: Pick<EndpointSettings, "heartbeatTtlMs" | "logger">,
  ) {
    this.#life = life;
    this.#logger = logger;
    this.#lookMs = heartbeatTtlMs / LOOKS_PER_EXPIRY;
  }

  [Symbol.iterator](): Iterator<RemoteSession> {
    return [...this.#byId.values()].values();
  }

  get(id: string): RemoteSession | undefined {
    return this.#byId.get(id);
  }

  open(options: Omit<RemoteSessionOptions, "onEnded">): RemoteSession {
    const session = new RemoteSession({
      ...options,
      onEnded: (ended) => {
        if (this.#byId.get(ended.id) === ended) this.#byId.delete(ended.id);
      },
    });
    this.#byId.set(session.id, session);
    this.#timer ??= this.#newTimer();
    return session;
  }

  /** Lets go of all of them. */
  close(): void {
    for (const session of this) session.release();
    this.#stop();
  }

  #newTimer(): ReturnType<typeof setInterval> {
    const timer = setInterval(() => void this.#look(), this.#lookMs);
    (timer as { unref?: () => void }).unref?.();
    return timer;
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const nowMs = performance.now();
      for (const session of this) {
        if (!session.connected && nowMs - session.lastUsedMs > FORGET_AFTER_MS) session.release();
      }
      const dead = await this.#deadOwners();
      const isConcerned = (session: RemoteSession) =>
        session.connected &&
        (session.isBehind || dead.has(session.owner) || session.waitsSince(nowMs - this.#lookMs));
      for (const session of this) if (isConcerned(session)) this.#concerned.add(session);
      this.#checkConcerned();
    } catch (error) {
      // With the store away requests say so.
      if (!asDurableMcpError(error).retryable) {
        this.#logger.error("durable-mcp: owners could not be looked after", { error: String(error) });
      }
    } finally {
      this.#looking = false;
      if (this.#byId.size === 0) this.#stop();
    }
  }

  /** Never waits for one that takes its time: others may lose their owners meanwhile. */
  #checkConcerned(): void {
    for (const session of this.#concerned) {
      if (this.#underWay.size >= LANES) return;
      this.#concerned.delete(session);
      if (this.#underWay.has(session)) continue;
      this.#underWay.add(session);
      void session.check().then(() => {
        this.#underWay.delete(session);
        this.#checkConcerned();
      });
    }
  }

  async #deadOwners(): Promise<ReadonlySet<string>> {
    const owners = new Set([...this].filter(({ connected }) => connected).map(({ owner }) => owner));
    owners.delete(this.#life.id);
    const looked = [...owners].map(async (owner) => [owner, await this.#life.isDead(owner)] as const);
    return new Set((await Promise.all(looked)).filter(([, isDead]) => isDead).map(([owner]) => owner));
  }
}
