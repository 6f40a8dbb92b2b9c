import type { EventInput } from "@durable-mcp/contract";
import { MAX_WEIGHT_IN_FLIGHT } from "./dispatch.js";
import { givenBack, type InboxEntry, type PostEntry } from "./inbox-entries.js";
import { isRequest } from "./json-rpc.js";

/** Entries of an inbox that an owner on its way out leaves to the next one: calls, and what has to do with them (G10). */
export class PutOffCalls {
  readonly #maxCalls: number;
  /** In order; what is said again of a stream takes the place of what was said before. */
  readonly #entries = new Map<string, EventInput>();
  readonly #streamIds = new Set<string>();
  readonly #requestIds = new Set<unknown>();
  #weight = 0;

  constructor(maxCalls: number) {
    this.#maxCalls = maxCalls;
  }

  /** Those to give back to the inbox. */
  get events(): readonly EventInput[] {
    return [...this.#entries.values()];
  }

  /** Streams on which somebody waits for the answer to one of them. */
  get streamIds(): Iterable<string> {
    return this.#streamIds;
  }

  /** Takes a call. Returns: false if there are too many already, or too large ones */
  takeCall(entry: PostEntry, position: number): boolean {
    const isHeavy = this.#weight > 0 && this.#weight + entry.weight > MAX_WEIGHT_IN_FLIGHT;
    if (this.#streamIds.size >= this.#maxCalls || isHeavy) return false;
    this.#weight += entry.weight;
    this.#streamIds.add(entry.streamId);
    for (const { id } of entry.messages.filter(isRequest)) this.#requestIds.add(id);
    this.add(entry, position);
    return true;
  }

  /** Whether an entry has to do with a call that was taken. */
  concerns(entry: InboxEntry): boolean {
    if (entry.type === "follow") return this.#streamIds.has(entry.streamId);
    if (entry.type !== "post") return false;
    return entry.messages.some((message) => {
      const isCancellation = "method" in message && message.method === "notifications/cancelled";
      return isCancellation && this.#requestIds.has(message.params?.requestId);
    });
  }

  add(entry: InboxEntry, position: number): void {
    const name = "streamId" in entry ? `${entry.type} ${entry.streamId}` : entry.type;
    this.#entries.set(name, givenBack(entry, position));
  }
}
