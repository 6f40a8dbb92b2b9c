import assert from "node:assert/strict";
import {
  ALL,
  append,
  appendOutcome,
  assertUnknown,
  createSession,
  eventually,
  keyOf,
  message,
  numbered,
  payloads,
} from "../fixtures.js";
import type { StoreCase } from "../store-case.js";

export const atomicityCases: readonly StoreCase[] = [
  {
    name: "G1 an append of several events and an end is seen whole or not at all",
    async run(t) {
      const reader = await t.another();
      const session = await createSession(t.store);
      const group = numbered("event-", 20);
      for (const id of numbered("stream-", 10)) {
        const key = keyOf(session, id);
        let isWritten = false;
        const write = async () => {
          await append(t.store, key, group, { end: true });
          isWritten = true;
        };
        const readUntilWritten = async () => {
          const isLast = isWritten;
          const result = await reader.log.read(key, 0, ALL);
          assert.ok(
            result.outcome === "page" || (result.outcome === "unknown" && !isLast),
            "nothing is lost",
          );
          if (result.outcome === "unknown") return false;
          assert.equal(result.events.length, group.length, "all events");
          assert.equal(result.ended, true, "and the end");
          const open = await reader.log.openStreams(session.id);
          assert.ok(!open.includes(id), "the stream is not open either");
          return isLast;
        };
        await Promise.all([write(), eventually("the append is done", readUntilWritten)]);
      }
    },
  },
  {
    name: "G1 G6 a refused append writes nothing",
    retention: { maxEvents: 3 },
    async run({ store }) {
      const session = await createSession(store);
      const open = keyOf(session, "open");
      const ended = keyOf(session, "ended");
      await append(store, open, ["a", "b", "c"]);
      await append(store, ended, ["a"], { end: true });

      assert.equal(await appendOutcome(store, open, "x", { fence: 2 }), "fenced");
      assert.equal(await appendOutcome(store, open, "x", { fence: 2, end: true }), "fenced");
      assert.equal(await appendOutcome(store, open, "x", { refuseWhenFull: true }), "full");
      assert.equal(await appendOutcome(store, open, "x", { refuseWhenFull: true, end: true }), "full");
      assert.deepEqual(await store.log.head(open), { last: 3, oldest: 1, ended: false });
      assert.deepEqual(await payloads(store, open), ["a", "b", "c"]);

      assert.equal(await appendOutcome(store, ended, "x"), "ended");
      assert.deepEqual(await store.log.head(ended), { last: 1, oldest: 1, ended: true });

      const fresh = keyOf(session, "fresh");
      assert.equal(await appendOutcome(store, fresh, "x", { fence: 2 }), "fenced");
      await assertUnknown(store, fresh);
      assert.deepEqual(await store.log.openStreams(session.id), ["open"]);

      const nowhere = keyOf({ id: "nowhere" });
      assert.equal(await appendOutcome(store, nowhere, "x"), "gone");
      assert.equal(await appendOutcome(store, nowhere, "x", { fence: 1 }), "gone");
      await assertUnknown(store, nowhere);
      await createSession(store, { id: "nowhere" });
      await assertUnknown(store, nowhere);
    },
  },
  {
    name: "G1 G6 after a claim no event of the older fence follows",
    async run(t) {
      const other = await t.another();
      const session = await createSession(t.store);
      const key = keyOf(session);
      const appends = Array.from({ length: 40 }, (_, index) =>
        appendOutcome(index % 2 === 0 ? t.store : other, key, `old-${index}`, { fence: 1 }),
      );
      const takeOver = async () => {
        const claimed = await other.sessions.claim(session.id, 1, "node-2");
        assert.equal(claimed.outcome, "ok");
        const { last } = (await other.log.head(key)) ?? { last: 0 };
        await append(other, key, ["new"], { fence: 2 });
        return last;
      };
      const [head, ...outcomes] = await Promise.all([takeOver(), ...appends]);
      const written = outcomes.filter((outcome) => outcome === "ok").length;
      assert.equal(written, head, "what was acknowledged under the old fence is what was there at the claim");
      const result = await other.log.read(key, 0, ALL);
      assert.ok(result.outcome === "page");
      assert.deepEqual(
        result.events.map(({ fence }) => fence),
        [...Array.from({ length: head }, () => 1), 2],
      );
    },
  },
  {
    name: "G1 an empty append only ends the stream",
    async run({ store }) {
      const session = await createSession(store);
      const used = keyOf(session, "used");
      await append(store, used, ["a", "b"]);
      assert.equal(await append(store, used, [], { end: true }), 2);
      assert.deepEqual(await store.log.read(used, 0, ALL), {
        outcome: "page",
        events: [
          { offset: 1, fence: 0, ...message("a"), final: false },
          { offset: 2, fence: 0, ...message("b"), final: false },
        ],
        ended: true,
      });
      const fresh = keyOf(session, "fresh");
      assert.equal(await append(store, fresh, [], { end: true }), 0);
      assert.deepEqual(await store.log.head(fresh), { last: 0, oldest: 1, ended: true });
      assert.deepEqual(await store.log.read(fresh, 0, ALL), { outcome: "page", events: [], ended: true });
    },
  },
];
