import type { Nodes } from "@durable-mcp/contract";
import type { EndpointSettings } from "./options.js";
import { randomName } from "./random-name.js";

/** How many heartbeats are sent within the time after which a node without any is taken for dead. */
const BEATS_PER_EXPIRY = 5;

/** This node among those that share a store: says that it is alive, and knows who else is (G6). */
export class NodeLife {
  /** Names this process; one that is started again under the same `nodeId` is another node. */
  readonly id: string;
  readonly #label: string;
  readonly #nodes: Nodes;
  readonly #expiryMs: number;
  /** Takes note that others may have taken this node for dead. */
  readonly #onLapse: () => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #beating: Promise<void> | undefined;
  /** When the last heartbeat that has arrived was sent, by the monotonic clock. */
  #lastBeatMs = Number.NEGATIVE_INFINITY;
  #hasFailed = false;
  #hasLeft = false;
  /** Before this time nobody is taken for dead: after an outage of the store, others need a moment as well. */
  #trustsFromMs = Number.NEGATIVE_INFINITY;

  constructor(
    { store, nodeId, heartbeatTtlMs }: Pick<EndpointSettings, "store" | "nodeId" | "heartbeatTtlMs">,
    onLapse: () => void,
  ) {
    this.#label = nodeId ?? crypto.randomUUID();
    this.id = `${this.#label}:${randomName(6)}`;
    this.#nodes = store.nodes;
    this.#expiryMs = heartbeatTtlMs;
    this.#onLapse = onLapse;
  }

  /** Whether the others must take this node for alive: what it owns, nobody else has claimed. */
  get isSure(): boolean {
    return performance.now() - this.#lastBeatMs < this.#expiryMs;
  }

  /** Resolves when the others take this node for alive, and sees to it that they go on to. Errors: STORE_UNAVAILABLE */
  async join(): Promise<void> {
    if (!this.#hasLeft) this.#timer ??= this.#newTimer();
    if (!this.isSure) await this.#beat();
  }

  leave(): void {
    this.#hasLeft = true;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Whether that was an earlier process of this node, which is dead for sure. */
  isFormerSelf(nodeId: string): boolean {
    return nodeId !== this.id && nodeId.slice(0, nodeId.lastIndexOf(":")) === this.#label;
  }

  /** Whether the owner of a session is known to be dead; so is nobody (""). Errors: STORE_UNAVAILABLE */
  async isDead(nodeId: string): Promise<boolean> {
    if (nodeId === "" || this.isFormerSelf(nodeId)) return true;
    if (!this.#canTell) return false;
    const isAlive = await this.#nodes.isAlive(nodeId);
    return !isAlive && this.#canTell;
  }

  /** Whether the store has been there for so long that whoever lives has been able to say so. */
  get #canTell(): boolean {
    return this.isSure && !this.#hasFailed && performance.now() >= this.#trustsFromMs;
  }

  #newTimer(): ReturnType<typeof setInterval> {
    const timer = setInterval(() => {
      // Requests say what is wrong with the store.
      this.#beat().catch(() => {});
    }, this.#expiryMs / BEATS_PER_EXPIRY);
    (timer as { unref?: () => void }).unref?.();
    return timer;
  }

  #beat(): Promise<void> {
    this.#beating ??= this.#sendBeat().finally(() => {
      this.#beating = undefined;
    });
    return this.#beating;
  }

  async #sendBeat(): Promise<void> {
    const sentMs = performance.now();
    const isLate = !this.isSure && this.#lastBeatMs > 0;
    try {
      await this.#nodes.heartbeat(this.id, this.#expiryMs);
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
    this.#lastBeatMs = sentMs;
    if (this.#hasFailed || isLate)
      this.#trustsFromMs = performance.now() + (2 * this.#expiryMs) / BEATS_PER_EXPIRY;
    this.#hasFailed = false;
    if (isLate) this.#onLapse();
  }
}
