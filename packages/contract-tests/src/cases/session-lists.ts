import assert from "node:assert/strict";
import type { SessionRecord, Store } from "@durable-mcp/contract";
import { createSession, numbered, SHORT_MS, tryCreate } from "../fixtures.js";
import type { StoreCase, StoreTestContext } from "../store-case.js";

export const sessionListCases: readonly StoreCase[] = [
  {
    name: "G9 list returns the principal's own sessions, newest first",
    async run(t) {
      for (const id of numbered("alice-", 4)) {
        await createLater(t, id, "alice");
        await createLater(t, `not-${id}`, "bob");
      }
      await createLater(t, "nobody", "");
      assert.deepEqual(await listIds(t.store, "alice", 10), ["alice-4", "alice-3", "alice-2", "alice-1"]);
      assert.deepEqual(await listIds(t.store, "", 10), ["nobody"]);
      assert.deepEqual(await t.store.sessions.list("carol", { limit: 10 }), { sessions: [] });
      const { sessions } = await (await t.another()).sessions.list("alice", { limit: 1 });
      assert.deepEqual(sessions, [await t.store.sessions.get("alice-4")], "whole records");
    },
  },
  {
    name: "G7 list pages hold at most the limit and join to the whole list",
    async run(t) {
      const ids = numbered("s-", 10);
      for (const id of ids) await createLater(t, id, "alice");
      for (const limit of [1, 2, 3, 5, 9, 10, 11]) {
        assert.deepEqual(await listIds(t.store, "alice", limit), ids.toReversed(), `pages of ${limit}`);
      }
    },
  },
  {
    name: "G9 list pages stay whole while sessions come and go",
    async run(t) {
      for (const id of numbered("s-", 9)) await createLater(t, id, "alice");
      const first = await t.store.sessions.list("alice", { limit: 3 });
      assert.deepEqual(idsOf(first.sessions), ["s-9", "s-8", "s-7"]);
      for (const id of ["new-1", "new-2"]) await createLater(t, id, "alice");
      const second = await t.store.sessions.list("alice", { limit: 2, ...cursorOf(first.next) });
      assert.deepEqual(idsOf(second.sessions), ["s-6", "s-5"], "none twice, and no later one");
      for (const id of ["s-9", "s-5", "s-3"]) await t.store.sessions.terminate(id);
      const rest = await listIds(t.store, "alice", 3, second.next);
      assert.deepEqual(rest, ["s-4", "s-2", "s-1"], "none left out");
    },
  },
  {
    name: "G7 list leaves out ended and expired sessions",
    async run(t) {
      const ids = [
        "lives-1",
        "ends-1",
        "expires-1",
        "expires-2",
        "lives-2",
        "ends-2",
        "lives-3",
        "expires-3",
      ];
      for (const id of ids) {
        await t.advance(2);
        await createSession(t.store, { id, ...(id.startsWith("expires") && { ttlMs: SHORT_MS }) });
      }
      assert.deepEqual(await listIds(t.store, "alice", 3), ids.toReversed());
      for (const id of ["ends-1", "ends-2"]) await t.store.sessions.terminate(id);
      await t.advance(SHORT_MS);
      for (const limit of [2, 1, 10]) {
        assert.deepEqual(await listIds(t.store, "alice", limit), ["lives-3", "lives-2", "lives-1"]);
      }
    },
  },
  {
    name: "G3 a cursor of another principal's list, or of no list, shows nobody else's sessions",
    async run(t) {
      for (const id of numbered("alice-", 4)) await createLater(t, id, "alice");
      for (const id of numbered("bob-", 4)) await createLater(t, id, "bob");
      const { next } = await t.store.sessions.list("bob", { limit: 1 });
      assert.ok(next !== undefined);
      for (const cursor of [next, "", "nonsense", "-1", "1e999", "9".repeat(400), "é\n'"]) {
        const page = await t.store.sessions.list("alice", { limit: 10, cursor });
        for (const { principal } of page.sessions) assert.equal(principal, "alice");
      }
    },
  },
  {
    name: "G4 list shows what claims and updates made of the records",
    async run({ store }) {
      await createSession(store);
      await store.sessions.claim("session", 1, "node-2");
      await store.sessions.update("session", { fence: 2 }, { state: { chat: "c" } });
      const { sessions } = await store.sessions.list("alice", { limit: 10 });
      assert.deepEqual(sessions, [await store.sessions.get("session")]);
      assert.deepEqual(sessions[0]?.state, { chat: "c" });
    },
  },
];

/** Sessions of different milliseconds, so that "newest" means the same to every store. */
async function createLater(t: StoreTestContext, id: string, principal: string): Promise<void> {
  await t.advance(2);
  const { outcome } = await tryCreate(t.store, { id, principal });
  assert.equal(outcome, "ok");
}

/** All ids behind the cursor `from`, in pages of `limit`. */
async function listIds(store: Store, principal: string, limit: number, from?: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor = from;
  for (let pages = 0; pages < 100; pages += 1) {
    const page = await store.sessions.list(principal, { limit, ...cursorOf(cursor) });
    assert.ok(page.sessions.length <= limit, `a page of ${page.sessions.length}, limit ${limit}`);
    ids.push(...idsOf(page.sessions));
    cursor = page.next;
    if (cursor === undefined) return ids;
  }
  return assert.fail("list: no end after 100 pages");
}

function cursorOf(next: string | undefined): { cursor?: string } {
  return next === undefined ? {} : { cursor: next };
}

function idsOf(sessions: readonly SessionRecord[]): string[] {
  return sessions.map(({ id }) => id);
}
