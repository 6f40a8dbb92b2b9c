import assert from "node:assert/strict";
import {
  ALL,
  append,
  appendOutcome,
  assertUnknown,
  createSession,
  final,
  keyOf,
  LONG_MS,
  numbered,
  payloads,
  payloadsOf,
  SHORT_MS,
  take,
  tryCreate,
} from "../fixtures.js";
import type { StoreCase } from "../store-case.js";

export const restartCases: readonly StoreCase[] = [
  {
    name: "G4 sessions are there after reopening as they were",
    needs: "durable",
    async run(t) {
      await createSession(t.store, { id: "a", shape: { v: "2025-11-25" }, state: { chat: "é" } });
      await t.store.sessions.update("a", { fence: 1 }, { state: { chat: "ü" } });
      await t.store.sessions.claim("a", 1, "node-2");
      await t.store.sessions.touch("a", 2 * LONG_MS);
      await createSession(t.store, { id: "b" });
      await t.store.sessions.terminate("b");
      const before = await t.store.sessions.get("a");
      const store = await t.reopen();
      assert.deepEqual(await store.sessions.get("a"), before);
      assert.equal(await store.sessions.get("b"), undefined, "what was terminated stays so");
      assert.deepEqual((await store.sessions.list("alice", { limit: 10 })).sessions, [before]);
      assert.equal(await appendOutcome(store, keyOf({ id: "a" }), "x", { fence: 1 }), "fenced");
      assert.equal((await store.sessions.claim("a", 2, "node-3")).outcome, "ok");
    },
  },
  {
    name: "G1 G4 streams are there after reopening, and their offsets go on",
    needs: "durable",
    async run(t) {
      const session = await createSession(t.store);
      const open = keyOf(session, "open");
      const ended = keyOf(session, "ended");
      await append(t.store, open, ["a", "b"], { fence: 1 });
      await append(t.store, ended, ["a", final("b")], { end: true });
      const before = [await t.store.log.read(open, 0, ALL), await t.store.log.read(ended, 0, ALL)];
      const store = await t.reopen();
      assert.deepEqual([await store.log.read(open, 0, ALL), await store.log.read(ended, 0, ALL)], before);
      assert.deepEqual(await store.log.openStreams(session.id), ["open"]);
      assert.equal(await appendOutcome(store, ended, "x"), "ended");
      assert.equal(await append(store, open, ["c"], { fence: 1 }), 3);
      assert.deepEqual(await payloads(await t.reopen(), open), ["a", "b", "c"]);
    },
  },
  {
    name: "G1 G2 G4 what was trimmed or taken stays a gap after reopening, and offsets never restart",
    needs: "durable",
    retention: { maxEvents: 3 },
    async run(t) {
      const session = await createSession(t.store);
      const byCount = keyOf(session, "by count");
      const whole = keyOf(session, "whole");
      const inbox = keyOf(session, "inbox");
      await append(t.store, byCount, [final("F"), ...numbered("", 5)]);
      await append(t.store, whole, ["a", "b"]);
      await t.store.log.trim(whole, 2, 1);
      await append(t.store, inbox, ["a", final("b"), "c"]);
      assert.deepEqual(await take(t.store, inbox, { ...ALL, events: 2 }), {
        payloads: ["a", "b"],
        more: true,
      });
      const store = await t.reopen();
      assert.deepEqual(await store.log.read(byCount, 1, ALL), { outcome: "gap", oldest: 5 });
      assert.deepEqual(payloadsOf(await store.log.finals(byCount)), ["F"]);
      assert.deepEqual(await store.log.head(whole), { last: 2, oldest: 3, ended: false });
      assert.equal(await append(store, whole, ["c"]), 3);
      assert.deepEqual(await payloads(store, whole, 2), ["c"]);
      assert.deepEqual(await store.log.head(inbox), { last: 3, oldest: 3, ended: false });
      assert.deepEqual(await take(store, inbox), { payloads: ["c"], more: false });
      await append(store, byCount, ["6"]);
      assert.deepEqual(await payloads(store, byCount, 5), ["5", "6"], "the bounds still hold");
    },
  },
  {
    name: "G4 G7 expiry and quotas count on after reopening",
    needs: "durable",
    async run(t) {
      await createSession(t.store, { id: "short", ttlMs: SHORT_MS });
      await createSession(t.store, { id: "long" });
      await append(t.store, keyOf({ id: "short" }), ["a"]);
      const store = await t.reopen();
      assert.equal((await tryCreate(store, { id: "third", maxPerPrincipal: 2 })).outcome, "quota");
      await t.advance(SHORT_MS);
      const again = await t.reopen();
      assert.equal(await again.sessions.get("short"), undefined);
      await assertUnknown(again, keyOf({ id: "short" }));
      assert.equal((await tryCreate(again, { id: "third", maxPerPrincipal: 2 })).outcome, "ok");
    },
  },
  {
    name: "G4 what is under way when the store is closed is written or refused, never torn",
    needs: "durable",
    async run(t) {
      const session = await createSession(t.store);
      const key = keyOf(session);
      const group = ["1", "2", "3"];
      const appends = Array.from({ length: 20 }, () => append(t.store, key, group));
      const results = Promise.allSettled(appends);
      const store = await t.reopen();
      const acknowledged = (await results).filter(({ status }) => status === "fulfilled").length;
      const result = await store.log.read(key, 0, ALL);
      const kept = result.outcome === "page" ? payloadsOf(result.events) : [];
      assert.equal(kept.length % group.length, 0, "whole appends");
      assert.ok(kept.length >= acknowledged * group.length, "all that was acknowledged");
    },
  },
];
