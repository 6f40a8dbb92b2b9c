import assert from "node:assert/strict";
import type { Change, Store } from "@durable-mcp/contract";
import { eventually, numbered } from "../fixtures.js";
import type { StoreCase } from "../store-case.js";

export const changeCases: readonly StoreCase[] = [
  {
    name: "G5 a change reaches every subscriber of every handle, the publisher's own too",
    async run(t) {
      const other = await t.another();
      const subscribers = [await subscribe(t.store), await subscribe(t.store), await subscribe(other)];
      const change = { topic: "resources/updated", payload: '{"uri":"file:///é\\n😀"}' };
      for (const publisher of [t.store, other]) {
        await publisher.changes.publish(change);
      }
      for (const { changes, stop } of subscribers) {
        await eventually("both changes arrive", () => changes.length >= 2);
        assert.deepEqual(changes, [change, change]);
        stop();
      }
    },
  },
  {
    name: "G5 the changes of one publisher arrive in order",
    async run(t) {
      const { changes, stop } = await subscribe(await t.another());
      const topics = numbered("topic-", 50);
      for (const topic of topics) await t.store.changes.publish({ topic, payload: "" });
      await eventually("all changes arrive", () => changes.length >= topics.length);
      assert.deepEqual(
        changes.map(({ topic }) => topic),
        topics,
      );
      stop();
    },
  },
  {
    name: "G7 a subscriber whose signal was aborted hears no more",
    async run({ store }) {
      const stopped = await subscribe(store);
      const never = await subscribe(store, AbortSignal.abort());
      const other = await subscribe(store);
      await store.changes.publish({ topic: "first", payload: "" });
      await eventually("the first change arrives", () => stopped.changes.length > 0);
      stopped.stop();
      await store.changes.publish({ topic: "second", payload: "" });
      await eventually("the second change arrives", () => other.changes.length > 1);
      assert.equal(stopped.changes.length, 1);
      assert.equal(never.changes.length, 0);
      other.stop();
    },
  },
];

async function subscribe(store: Store, signal?: AbortSignal): Promise<{ changes: Change[]; stop(): void }> {
  const controller = new AbortController();
  const changes: Change[] = [];
  await store.changes.subscribe(({ topic, payload }) => changes.push({ topic, payload }), {
    onGap: () => {},
    signal: signal ?? controller.signal,
  });
  return { changes, stop: () => controller.abort() };
}
