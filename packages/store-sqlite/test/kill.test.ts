import { expect, it } from "vitest";
import { CHILDREN, nextLine, startChild } from "./child-process.js";
import { keyOf, openStore, readAll } from "./open-store.js";
import { tempFile } from "./temp-dir.js";

const ROUNDS = 6;
const STREAMS = 4;
const TAKEN_AT_ONCE = 3;

/** Random numbers that a seed repeats (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

it("G1 G4 kill -9 loses no acknowledged append, and leaves none in half", { timeout: 120_000 }, async () => {
  const seed = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000);
  console.log(`KILL_SEED=${seed}`);
  const next = random(seed);
  const file = tempFile();
  const acknowledged = new Map<string, number>();

  for (let round = 1; round <= ROUNDS; round += 1) {
    const child = startChild(CHILDREN.append, [file, STREAMS]);
    const lines = 1 + Math.floor(next() * 2_000);
    for (let line = 0; line < lines; line += 1) note(acknowledged, await nextLine(child));
    await child.kill();
    // Acknowledged, too, though nobody has read of it.
    for await (const line of { [Symbol.asyncIterator]: () => child.lines }) note(acknowledged, line);

    const store = openStore({ file });
    for (const [streamId, last] of acknowledged) {
      const events = await readAll(store, keyOf("s", streamId));
      expect(events.length, `${streamId} in round ${round}`).toBeGreaterThanOrEqual(last);
      const payloads = events.map(({ payload }) => JSON.parse(payload));
      expect(payloads.every((payload, index) => payload.offset === index + 1)).toBe(true);
      expect(events.every((event, index) => event.offset === index + 1 && event.fence === 1)).toBe(true);
      expect(payloads.at(-1).lastOfAppend, "the last append is whole").toBe(events.length);
    }
    await store.close();
  }
});

it("G1 G4 kill -9 brings back nothing that was taken, and takes nothing along", {
  timeout: 60_000,
}, async () => {
  const file = tempFile();
  for (const lines of [1, 40, 700]) {
    const child = startChild(CHILDREN.take, [file, TAKEN_AT_ONCE]);
    let taken = 0;
    for (let line = 0; line < lines; line += 1) taken = Number(await nextLine(child));
    await child.kill();
    for await (const line of { [Symbol.asyncIterator]: () => child.lines }) {
      // The kill may have cut the last line.
      taken = Math.max(taken, Number(line));
    }
    const store = openStore({ file });
    const head = await store.log.head(keyOf("s", "inbox"));
    // One take may have been done whose answer nobody has heard.
    expect([taken + 1, taken + 1 + TAKEN_AT_ONCE]).toContain(head?.oldest);
    const rest = await store.log.take(keyOf("s", "inbox"), { events: 1_000_000, bytes: 1_000_000_000 }, 1);
    const left = rest.outcome === "ok" ? rest.events : [];
    expect(left.length).toBe((head?.last ?? 0) - (head?.oldest ?? 0) + 1);
    expect(left.every(({ payload, offset }) => payload.startsWith(`${offset} `))).toBe(true);
    await store.close();
  }
});

function note(acknowledged: Map<string, number>, line: string): void {
  const parts = /^(stream-\d+) (\d+)$/.exec(line);
  // The kill may have cut the last line.
  if (parts?.[1]) acknowledged.set(parts[1], Math.max(acknowledged.get(parts[1]) ?? 0, Number(parts[2])));
}
