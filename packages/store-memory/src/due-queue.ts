interface Entry<T> {
  readonly item: T;
  dueMs: number;
}

/** Items by the time they are due, earliest first: a binary heap that knows each item's place. All steps O(log n). */
export class DueQueue<T> {
  readonly #heap: Entry<T>[] = [];
  readonly #places = new Map<T, number>();

  get size(): number {
    return this.#heap.length;
  }

  has(item: T): boolean {
    return this.#places.has(item);
  }

  /** The item that is due first, if it is due by now. It stays in the queue. */
  due(nowMs: number): T | undefined {
    const first = this.#heap[0];
    return first && first.dueMs <= nowMs ? first.item : undefined;
  }

  /** Adds the item, or moves it to another time. */
  set(item: T, dueMs: number): void {
    const place = this.#places.get(item);
    if (place === undefined) {
      this.#put(this.#heap.length, { item, dueMs });
      this.#rise(this.#heap.length - 1);
      return;
    }
    this.#at(place).dueMs = dueMs;
    this.#settle(place);
  }

  delete(item: T): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#places.delete(item);
    const last = this.#heap.pop();
    if (last === undefined || place === this.#heap.length) return;
    this.#put(place, last);
    this.#settle(place);
  }

  #settle(place: number): void {
    this.#sink(this.#rise(place));
  }

  #rise(from: number): number {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#at(parent).dueMs <= this.#at(place).dueMs) break;
      this.#swap(place, parent);
      place = parent;
    }
    return place;
  }

  #sink(from: number): void {
    let place = from;
    for (;;) {
      let earliest = place;
      for (const child of [2 * place + 1, 2 * place + 2]) {
        if (child < this.#heap.length && this.#at(child).dueMs < this.#at(earliest).dueMs) earliest = child;
      }
      if (earliest === place) return;
      this.#swap(place, earliest);
      place = earliest;
    }
  }

  #swap(a: number, b: number): void {
    const entry = this.#at(a);
    this.#put(a, this.#at(b));
    this.#put(b, entry);
  }

  #put(place: number, entry: Entry<T>): void {
    this.#heap[place] = entry;
    this.#places.set(entry.item, place);
  }

  #at(place: number): Entry<T> {
    return this.#heap[place] as Entry<T>;
  }
}
