import assert from "node:assert/strict";
import { SHORT_MS } from "../fixtures.js";
import type { StoreCase } from "../store-case.js";
import { ODD_IDS } from "./isolation.js";

export const nodeCases: readonly StoreCase[] = [
  {
    name: "G6 a node is alive from its heartbeat until that runs out",
    async run(t) {
      const other = await t.another();
      assert.equal(await t.store.nodes.isAlive("node-1"), false, "never heard of");
      await t.store.nodes.heartbeat("node-1", SHORT_MS);
      for (const store of [t.store, other]) {
        assert.equal(await store.nodes.isAlive("node-1"), true);
        assert.equal(await store.nodes.isAlive("node-2"), false);
      }
      await t.advance(SHORT_MS);
      for (const store of [t.store, other]) assert.equal(await store.nodes.isAlive("node-1"), false);
    },
  },
  {
    name: "G6 each heartbeat counts from its own time, for its own node",
    async run({ store, advance }) {
      await store.nodes.heartbeat("beats", SHORT_MS);
      await store.nodes.heartbeat("stops", SHORT_MS);
      for (let beat = 0; beat < 3; beat += 1) {
        await advance(SHORT_MS / 2);
        await store.nodes.heartbeat("beats", SHORT_MS);
      }
      assert.equal(await store.nodes.isAlive("beats"), true);
      assert.equal(await store.nodes.isAlive("stops"), false);
      await advance(SHORT_MS);
      assert.equal(await store.nodes.isAlive("beats"), false);
      await store.nodes.heartbeat("stops", SHORT_MS);
      assert.equal(await store.nodes.isAlive("stops"), true, "a node may come back");
    },
  },
  {
    name: "G3 G6 node ids of odd characters name different nodes",
    async run({ store }) {
      const [alive, silent] = [0, 1].map((rest) => ODD_IDS.filter((_, index) => index % 2 === rest));
      for (const id of alive ?? []) await store.nodes.heartbeat(id, 100 * SHORT_MS);
      for (const id of alive ?? []) assert.equal(await store.nodes.isAlive(id), true, id);
      for (const id of silent ?? []) assert.equal(await store.nodes.isAlive(id), false, id);
    },
  },
];
