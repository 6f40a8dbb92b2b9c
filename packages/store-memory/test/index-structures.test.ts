import { describe, expect, it } from "vitest";
import { DueQueue } from "../src/due-queue.js";
import { SessionIndex } from "../src/session-index.js";

/** A small generator of repeatable pseudo-random integers. */
function randomIntegers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state % below;
  };
}

describe("DueQueue", () => {
  it("agrees with a sorted list, whatever is set, moved and deleted", () => {
    const random = randomIntegers(42);
    const queue = new DueQueue<number>();
    const model = new Map<number, number>();
    for (let step = 0; step < 5_000; step += 1) {
      const item = random(60);
      if (random(3) === 0) {
        queue.delete(item);
        model.delete(item);
      } else {
        const dueMs = random(1_000);
        queue.set(item, dueMs);
        model.set(item, dueMs);
      }
      expect(queue.size).toBe(model.size);
      expect(queue.has(item)).toBe(model.has(item));
      const earliest = Math.min(...model.values());
      expect(queue.due(earliest - 1)).toBeUndefined();
      if (model.size > 0) expect(model.get(queue.due(earliest) as number)).toBe(earliest);
    }
  });
});

describe("SessionIndex", () => {
  it("agrees with a list, whatever is added and deleted", () => {
    const random = randomIntegers(7);
    const index = new SessionIndex();
    let model: { number: number }[] = [];
    for (let number = 1; number < 2_000; number += 1) {
      const session = { number } as Parameters<SessionIndex["add"]>[0];
      index.add(session);
      model.push(session);
      for (let deletions = random(3); deletions > 0 && model.length > 0; deletions -= 1) {
        const victim = model[random(model.length)] as typeof session;
        index.delete(victim);
        index.delete(victim);
        model = model.filter((kept) => kept !== victim);
      }
      const below = random(number + 2);
      const expected = model.filter((kept) => kept.number < below).reverse();
      expect(index.newestBelow(below, 5)).toEqual(expected.slice(0, 5));
      expect(index.size).toBe(model.length);
    }
  });
});
