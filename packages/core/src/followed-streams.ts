import type { RequestId } from "@durable-mcp/contract";
import type { InboxEntry } from "./inbox-entries.js";

interface Followed {
  /** Position in the inbox at which the owner was told. */
  position: number;
  readonly requestIds: readonly RequestId[];
  /** Whether a connection follows it by now. */
  isOpen: boolean;
  /** Whether it was there: a store that does not know it has forgotten it. */
  hasBegun: boolean;
}

/** Streams of another node's session that are followed here, as far as the owner was told. */
export class FollowedStreams {
  readonly #tell: (entry: InboxEntry) => Promise<number>;
  readonly #byId = new Map<string, Followed>();

  /** `tell`: puts an entry into the owner's inbox, and resolves with its position there. */
  constructor(tell: (entry: InboxEntry) => Promise<number>) {
    this.#tell = tell;
  }

  get ids(): Iterable<string> {
    return this.#byId.keys();
  }

  /** Tells the owner that a stream is about to be followed here, and whose answers are waited for. */
  async follow(streamId: string, requestIds: readonly RequestId[]): Promise<void> {
    this.add(streamId, await this.#tellFollowing(streamId, requestIds), requestIds);
  }

  /** The owner knows by an entry at that position. */
  add(streamId: string, position: number, requestIds: readonly RequestId[]): void {
    this.#byId.set(streamId, { position, requestIds, isOpen: false, hasBegun: false });
  }

  /** It is there. */
  begun(streamId: string): void {
    const followed = this.#byId.get(streamId);
    if (followed) followed.hasBegun = true;
  }

  hasBegun(streamId: string): boolean {
    return this.#byId.get(streamId)?.hasBegun ?? false;
  }

  requestIdsOf(streamId: string): readonly RequestId[] {
    return this.#byId.get(streamId)?.requestIds ?? [];
  }

  forget(streamId: string): void {
    this.#byId.delete(streamId);
  }

  /** A connection follows it. */
  opened(streamId: string): void {
    const followed = this.#byId.get(streamId);
    if (followed) followed.isOpen = true;
  }

  /** A connection of it has ended; another one may be about to follow it. */
  closed(streamId: string): void {
    if (this.#byId.get(streamId)?.isOpen) this.#byId.delete(streamId);
  }

  /** Whether a stream was followed when the owner ended all that followed it before a position. */
  isBefore(streamId: string, position: number): boolean {
    const followed = this.#byId.get(streamId);
    return followed !== undefined && followed.position < position;
  }

  /** Tells the owner once more, who concludes what it knows nothing of. */
  async tellAgain(streamIds: Iterable<string> = this.#byId.keys()): Promise<void> {
    for (const streamId of [...streamIds]) {
      const followed = this.#byId.get(streamId);
      if (!followed) continue;
      // The owner may answer this entry, before its position is known here, by ending those that were there before.
      followed.position = Number.POSITIVE_INFINITY;
      followed.position = await this.#tellFollowing(streamId, followed.requestIds);
    }
  }

  #tellFollowing(streamId: string, requestIds: readonly RequestId[]): Promise<number> {
    return this.#tell({ type: "follow", streamId, requestIds: [...requestIds] });
  }
}
