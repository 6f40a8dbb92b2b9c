import assert from "node:assert/strict";
import type { StoredEvent } from "@durable-mcp/contract";
import {
  ALL,
  append,
  createSession,
  eventually,
  keyOf,
  message,
  numbered,
  offsetsOf,
  payloads,
  payloadsOf,
  readPage,
} from "../fixtures.js";
import type { StoreCase } from "../store-case.js";

export const orderCases: readonly StoreCase[] = [
  {
    name: "G1 offsets count from 1 in the order of appending",
    async run({ store }) {
      const key = keyOf(await createSession(store));
      assert.equal(await append(store, key, ["a"]), 1);
      assert.equal(await append(store, key, ["b", "c", "d"]), 4);
      assert.equal(await append(store, key, ["e"]), 5);
      const { events } = await readPage(store, key);
      assert.deepEqual(offsetsOf(events), [1, 2, 3, 4, 5]);
      assert.deepEqual(payloadsOf(events), ["a", "b", "c", "d", "e"]);
    },
  },
  {
    name: "G1 a burst within one millisecond keeps its order",
    async run({ store }) {
      const key = keyOf(await createSession(store));
      const together = numbered("together-", 100);
      const oneByOne = numbered("one-by-one-", 50).reverse();
      await append(store, key, together);
      for (const payload of oneByOne) await append(store, key, [payload]);
      assert.deepEqual(await payloads(store, key), [...together, ...oneByOne]);
    },
  },
  {
    name: "G1 offsets are contiguous under concurrent appenders",
    async run(t) {
      const stores = [t.store, await t.another()];
      const key = keyOf(await createSession(t.store));
      const appends = Array.from({ length: 60 }, async (_, index) => {
        const group = numbered(`${index}:`, (index % 3) + 1);
        const last = await append(stores[index % 2] ?? t.store, key, group);
        return { group, last };
      });
      const done = await Promise.all(appends);
      const { events } = await readPage(t.store, key);
      assert.deepEqual(
        offsetsOf(events),
        events.map((_, index) => index + 1),
      );
      assert.equal(events.length, done.flatMap(({ group }) => group).length);
      for (const { group, last } of done) {
        const kept = payloadsOf(events.slice(last - group.length, last));
        assert.deepEqual(kept, group, "each append's events are together, and end at the offset it returned");
      }
    },
  },
  {
    name: "G1 a reader that follows concurrent appenders sees every event once and in order",
    async run(t) {
      const writer = await t.another();
      const key = keyOf(await createSession(t.store));
      const total = 120;
      const seen: StoredEvent[] = [];
      const write = async (number: number) => {
        for (const payload of numbered(`${number}:`, total / 4)) await append(writer, key, [payload]);
      };
      const readMore = async () => {
        const result = await t.store.log.read(key, seen.length, { events: 7, bytes: 1_000 });
        if (result.outcome === "page") seen.push(...result.events);
        else assert.equal(result.outcome, "unknown", "nothing was removed");
        return seen.length >= total;
      };
      await Promise.all([write(0), write(1), write(2), write(3), eventually("all is read", readMore, 5_000)]);
      assert.deepEqual(
        offsetsOf(seen),
        seen.map((_, index) => index + 1),
      );
      assert.deepEqual(seen, (await readPage(t.store, key)).events);
    },
  },
  {
    name: "G1 pages of any size join to the whole stream",
    async run({ store }) {
      const key = keyOf(await createSession(store));
      const written = numbered("event-", 25);
      await append(store, key, written, { end: true });
      for (const events of [1, 2, 3, 7, 24, 25, 26]) {
        const seen: string[] = [];
        let ended = false;
        while (!ended) {
          const page = await readPage(store, key, seen.length, { ...ALL, events });
          assert.ok(page.events.length > 0, "a page before the end is not empty");
          seen.push(...payloadsOf(page.events));
          ended = page.ended;
        }
        assert.deepEqual(seen, written);
      }
    },
  },
  {
    name: "G1 the streams of a session count their events each for itself",
    async run({ store }) {
      const session = await createSession(store);
      const ids = numbered("stream-", 5);
      for (const round of [1, 2, 3]) {
        const lasts = await Promise.all(
          ids.map((id) => append(store, keyOf(session, id), [`${id}/${round}`])),
        );
        assert.deepEqual(lasts, [round, round, round, round, round]);
      }
      for (const id of ids) {
        assert.deepEqual(await payloads(store, keyOf(session, id)), [`${id}/1`, `${id}/2`, `${id}/3`]);
      }
    },
  },
  {
    name: "G1 G5 what one handle appended is there at once for another",
    needs: "shared",
    async run(t) {
      const other = await t.another();
      const key = keyOf(await createSession(t.store));
      for (const round of [1, 2, 3, 4, 5]) {
        const [writer, reader] = round % 2 === 0 ? [t.store, other] : [other, t.store];
        await writer.log.append(key, [message(`${round}`)]);
        assert.equal((await reader.log.head(key))?.last, round);
        assert.deepEqual(await payloads(reader, key, round - 1), [`${round}`]);
      }
    },
  },
];
