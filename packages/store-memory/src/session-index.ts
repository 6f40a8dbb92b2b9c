import type { MemorySession } from "./memory-session.js";

interface Slot {
  readonly number: number;
  session: MemorySession | undefined;
}

/**
 * One principal's sessions in the order of their numbers. A deleted session leaves an empty slot, and the slots are
 * packed when most are empty: adding is O(1), deleting and finding a page's beginning O(log n).
 */
export class SessionIndex {
  #slots: Slot[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Numbers must rise from one call to the next. */
  add(session: MemorySession): void {
    this.#slots.push({ number: session.number, session });
    this.#size += 1;
  }

  delete(session: MemorySession): void {
    const slot = this.#slots[this.#countBelow(session.number)];
    if (slot?.session !== session) return;
    slot.session = undefined;
    this.#size -= 1;
    if (this.#size < this.#slots.length / 2) this.#slots = this.#slots.filter((kept) => kept.session);
  }

  /** At most `limit` sessions with numbers below `number`, newest first. */
  newestBelow(number: number, limit: number): MemorySession[] {
    const found: MemorySession[] = [];
    for (let place = this.#countBelow(number) - 1; place >= 0 && found.length < limit; place -= 1) {
      const session = this.#slots[place]?.session;
      if (session) found.push(session);
    }
    return found;
  }

  #countBelow(number: number): number {
    let low = 0;
    let high = this.#slots.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#slots[middle] as Slot).number < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
