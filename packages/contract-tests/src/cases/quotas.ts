import assert from "node:assert/strict";
import type { Store } from "@durable-mcp/contract";
import { createSession, numbered, SHORT_MS, tryCreate } from "../fixtures.js";
import type { StoreCase } from "../store-case.js";

export const quotaCases: readonly StoreCase[] = [
  {
    name: "G7 a principal has no more live sessions than its quota",
    async run({ store }) {
      const bounds = { maxPerPrincipal: 2 };
      for (const id of ["a", "b"]) await createSession(store, { id, ...bounds });
      assert.deepEqual(await tryCreate(store, { id: "c", ...bounds }), {
        outcome: "quota",
        scope: "principal",
      });
      assert.equal(await store.sessions.get("c"), undefined, "a refusal writes nothing");
      await createSession(store, { id: "d", principal: "bob", ...bounds });
      await store.sessions.terminate("a");
      await createSession(store, { id: "c", ...bounds });
      assert.equal((await tryCreate(store, { id: "e", ...bounds })).outcome, "quota");
      await createSession(store, { id: "e", maxPerPrincipal: 3 });
    },
  },
  {
    name: "G7 all principals together have no more live sessions than the total quota",
    async run({ store }) {
      const bounds = { maxTotal: 2 };
      for (const id of ["a", "b"]) await createSession(store, { id, principal: id, ...bounds });
      const refusal = await tryCreate(store, { id: "c", principal: "c", ...bounds });
      assert.deepEqual(refusal, { outcome: "quota", scope: "total" });
      assert.equal(await store.sessions.get("c"), undefined);
      await store.sessions.terminate("b");
      await createSession(store, { id: "c", principal: "c", ...bounds });
    },
  },
  {
    name: "G7 expired sessions do not count against a quota, swept or not",
    async run({ store, advance }) {
      const bounds = { maxPerPrincipal: 2, maxTotal: 4, ttlMs: SHORT_MS };
      const fill = async (round: string) => {
        for (const principal of ["alice", "bob"]) {
          for (const id of numbered(`${round}-${principal}-`, 2)) {
            await createSession(store, { id, principal, ...bounds });
          }
        }
      };
      await fill("first");
      assert.equal((await tryCreate(store, { id: "more", ...bounds })).outcome, "quota");
      await advance(SHORT_MS);
      await fill("second");
      assert.equal((await tryCreate(store, { id: "more", principal: "carol", ...bounds })).outcome, "quota");
    },
  },
  {
    name: "G7 a touched session counts for as long as it lives",
    async run({ store, advance }) {
      await createSession(store, { id: "a", ttlMs: SHORT_MS, maxPerPrincipal: 1 });
      await store.sessions.touch("a", 10 * SHORT_MS);
      await advance(SHORT_MS);
      assert.equal((await tryCreate(store, { id: "b", maxPerPrincipal: 1 })).outcome, "quota");
      assert.equal((await tryCreate(store, { id: "b", maxTotal: 1 })).outcome, "quota");
    },
  },
  {
    name: "G7 concurrent creates never exceed a principal's quota",
    async run(t) {
      await assertNeverExceeded([t.store, await t.another()], () => "alice", { maxPerPrincipal: 5 });
      assert.equal((await t.store.sessions.list("alice", { limit: 100 })).sessions.length, 5);
    },
  },
  {
    name: "G7 concurrent creates never exceed the total quota",
    async run(t) {
      await assertNeverExceeded([t.store, await t.another()], (id) => `principal of ${id}`, { maxTotal: 5 });
    },
  },
];

async function assertNeverExceeded(
  stores: readonly Store[],
  principalOf: (id: string) => string,
  bounds: { maxPerPrincipal?: number; maxTotal?: number },
): Promise<void> {
  const create = async (id: string, index: number) => {
    const store = stores[index % stores.length] as Store;
    return (await tryCreate(store, { id, principal: principalOf(id), ...bounds })).outcome;
  };
  const outcomes = await Promise.all(numbered("s-", 25).map(create));
  // One may be refused because of another that is refused in the end: so fill up to where it must stop.
  for (const [index, id] of numbered("t-", 6).entries()) outcomes.push(await create(id, index));
  assert.equal(outcomes.filter((outcome) => outcome === "ok").length, 5);
  assert.equal(outcomes.filter((outcome) => outcome === "quota").length, 26);
}
