import assert from "node:assert/strict";
import type { BindingCase } from "../binding-case.js";
import { assertRefused, CODES } from "../client/refusal.js";

/** Streams that are followed over several connections. */
export const resumingCases: readonly BindingCase[] = [
  {
    name: "G1 a call's answer is resumed after each of many cuts, every event exactly once",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      let answer = await session.call(1);
      const call = await served.call(1);
      const said: string[] = [];
      for (let n = 1; n <= 10; n += 1) {
        await call.notify(`heard ${n}`);
        await answer.until(`heard ${n}`, () => answer.said.includes(`heard ${n}`));
        answer.cut();
        said.push(...answer.said);
        await call.notify(`unheard ${n}`);
        answer = await session.get(answer.cursor);
        assert.equal(answer.status, 200);
      }
      call.finish("done");
      said.push(...(await answer.untilOver()).said);
      const expected = Array.from({ length: 10 }, (_, index) => [
        `heard ${index + 1}`,
        `unheard ${index + 1}`,
      ]);
      assert.deepEqual(said, [...expected.flat(), "done"]);
    },
  },
  {
    name: "G1 the GET stream is resumed after a cut, every event exactly once",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const first = await session.get();
      await served.notify("heard");
      await first.untilMessages(1);
      first.cut();
      await served.notify("unheard");
      const second = await session.get(first.cursor);
      await served.notify("live");
      await second.untilMessages(2);
      assert.deepEqual(second.said, ["unheard", "live"]);
    },
  },
  {
    name: "G1 G4 streams are resumed after the endpoint was closed and served again on the same store",
    async run(t) {
      const first = await t.serve();
      const before = await first.openSession();
      const stream = await before.get();
      await first.notify("heard");
      await stream.untilMessages(1);
      stream.cut();
      await first.notify("unheard");
      const cut = await before.call(1);
      const call = await first.call(1);
      await call.notify("step 1");
      await cut.untilMessages(1);
      cut.cut();
      await call.notify("step 2");
      call.finish("done");
      await first.until({ calls: 0, connections: 0 });
      await first.close();

      const second = await t.serve();
      const after = second.session(before.headers);
      const resumed = await after.get(cut.cursor);
      assert.deepEqual((await resumed.untilOver()).said, ["step 2", "done"]);
      const notifications = await after.get(stream.cursor);
      await notifications.untilMessages(1);
      assert.deepEqual(notifications.said, ["unheard"]);
      assert.equal(second.context?.restored, true);
      const live = await after.call(2);
      (await second.call(2)).finish("live");
      assert.deepEqual((await live.untilOver()).said, ["live"]);
    },
  },
  {
    name: "G2 resuming what was read to its end, or from nowhere, gets 405",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const answer = await session.call(1);
      (await served.call(1)).finish("done");
      await answer.untilOver();
      for (const cursor of [answer.cursor, "not a cursor"]) {
        await assertRefused(await session.get(cursor), { status: 405, code: CODES.refused }, cursor);
      }
    },
  },
  {
    name: "G3 a cursor of another session brings nothing of it",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const answer = await session.call(1);
      const call = await served.call(1);
      await call.notify("secret");
      await answer.untilMessages(1);
      const stranger = await served.openSession();
      const stolen = await (await stranger.get(answer.events[0]?.id)).untilOver();
      assert.ok(!stolen.text.includes("secret"));
      call.finish("done");
      assert.deepEqual((await answer.untilOver()).said, ["secret", "done"]);
    },
  },
  {
    name: "G1 a tool that ends its connection is heard again by the client that comes back",
    async run(t) {
      const served = await t.serve({ retryMs: 1234 });
      const session = await served.openSession();
      const answer = await session.call(1);
      const call = await served.call(1);
      await call.notify("before");
      await answer.untilMessages(1);
      call.closeConnection();
      await answer.untilOver();
      assert.ok(answer.isComplete);
      assert.equal(answer.events.at(-1)?.retryMs, 1234);
      await call.notify("meanwhile");
      const resumed = await session.get(answer.cursor);
      call.finish("done");
      assert.deepEqual((await resumed.untilOver()).said, ["meanwhile", "done"]);
    },
  },
];
