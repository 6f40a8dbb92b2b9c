import assert from "node:assert/strict";
import type { Store, StreamKey } from "@durable-mcp/contract";
import { append, createSession, eventually, final, keyOf, numbered, payloadsOf } from "../fixtures.js";
import type { StoreCase } from "../store-case.js";

export const watchingCases: readonly StoreCase[] = [
  {
    name: "G1 every append after watch has resolved wakes the watcher",
    async run(t) {
      const key = keyOf(await createSession(t.store));
      await append(t.store, key, ["before"]);
      const watcher = await watch(t.store, key);
      for (const payload of numbered("", 20)) {
        await assertWakes(watcher, () => append(t.store, key, [payload]));
      }
      await assertWakes(watcher, () => append(t.store, key, [], { end: true }));
      watcher.stop();
    },
  },
  {
    name: "G5 an append through one handle wakes the watchers of another",
    needs: "shared",
    async run(t) {
      const other = await t.another();
      const key = keyOf(await createSession(t.store));
      const watchers = [await watch(t.store, key), await watch(other, key), await watch(other, key)];
      for (const [index, writer] of [t.store, other, t.store].entries()) {
        for (const watcher of watchers) await assertWakes(watcher, () => append(writer, key, [`${index}`]));
      }
      for (const watcher of watchers) watcher.stop();
    },
  },
  {
    name: "G1 a stream can be watched before it exists",
    async run(t) {
      const session = await createSession(t.store);
      const watcher = await watch(await t.another(), keyOf(session, "later"));
      await assertWakes(watcher, () => append(t.store, keyOf(session, "later"), ["first"]));
      watcher.stop();
    },
  },
  {
    name: "G1 a reader that reads only when woken misses nothing",
    async run(t) {
      const other = await t.another();
      const key = keyOf(await createSession(t.store));
      const total = 100;
      const seen: string[] = [];
      const watcher = await watch(other, key);
      const write = async (writer: Store, prefix: string) => {
        for (const payload of numbered(prefix, total / 2)) await append(writer, key, [payload]);
      };
      const follow = async () => {
        for (let answered = 0; seen.length < total; ) {
          await eventually(
            `a wake-up after ${seen.length} of ${total} events`,
            () => watcher.wakes > answered,
          );
          answered = watcher.wakes;
          const result = await other.log.read(key, seen.length, { events: 1_000, bytes: 1_000_000 });
          assert.ok(result.outcome === "page");
          seen.push(...payloadsOf(result.events));
        }
      };
      await Promise.all([write(t.store, "a"), write(other, "b"), follow()]);
      assert.equal(new Set(seen).size, total);
      watcher.stop();
    },
  },
  {
    name: "G7 a watcher whose signal was aborted is woken no more",
    async run(t) {
      const key = keyOf(await createSession(t.store));
      const stopped = await watch(t.store, key);
      const never = await watch(t.store, key, AbortSignal.abort());
      const other = await watch(t.store, key);
      await assertWakes(stopped, () => append(t.store, key, ["a"]));
      await assertWakes(other, () => append(t.store, key, ["b"]));
      stopped.stop();
      const { wakes } = stopped;
      for (const payload of ["c", "d"]) await assertWakes(other, () => append(t.store, key, [payload]));
      assert.equal(stopped.wakes, wakes);
      assert.equal(never.wakes, 0);
      other.stop();
    },
  },
  {
    name: "G9 the watchers of all its streams are woken when a session ends",
    async run(t) {
      const other = await t.another();
      const session = await createSession(t.store);
      await append(t.store, keyOf(session, "used"), ["a", final("b")]);
      const watchers = [
        await watch(t.store, keyOf(session, "used")),
        await watch(other, keyOf(session, "used")),
        await watch(other, keyOf(session, "never")),
      ];
      const before = watchers.map(({ wakes }) => wakes);
      await t.store.sessions.terminate(session.id);
      for (const [index, watcher] of watchers.entries()) {
        await eventually(`watcher ${index} is woken`, () => watcher.wakes > (before[index] ?? 0));
        watcher.stop();
      }
    },
  },
  {
    name: "G3 watchers of streams with odd ids are woken",
    async run(t) {
      const other = await t.another();
      for (const id of ["a:b", "*", "é 😀\n", "{x}", "__proto__"]) {
        await createSession(t.store, { id });
        const watcher = await watch(other, keyOf({ id }, id));
        await assertWakes(watcher, () => append(t.store, keyOf({ id }, id), ["a"]));
        watcher.stop();
      }
    },
  },
];

interface WatcherProbe {
  readonly wakes: number;
  stop(): void;
}

async function watch(store: Store, key: StreamKey, signal?: AbortSignal): Promise<WatcherProbe> {
  const controller = new AbortController();
  let wakes = 0;
  const wake = () => {
    wakes += 1;
  };
  await store.log.watch(key, wake, signal ?? controller.signal);
  return {
    get wakes() {
      return wakes;
    },
    stop: () => controller.abort(),
  };
}

async function assertWakes(watcher: WatcherProbe, work: () => Promise<unknown>): Promise<void> {
  const before = watcher.wakes;
  await work();
  await eventually("the watcher is woken", () => watcher.wakes > before);
}
