import assert from "node:assert/strict";
import type { BindingCase } from "../binding-case.js";

/** Text of 8 MiB in UTF-8, of characters with two, three and four bytes. */
const LARGE = "äあ€😀…ß".repeat((8 * 1024 * 1024) / 17);

/** What happens while an answer is streamed. */
export const streamingCases: readonly BindingCase[] = [
  {
    name: "G1 head and priming event of a call's answer come before the tool says anything",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const answer = await session.call(1);
      assert.equal(answer.status, 200);
      await answer.until("the priming event", () => answer.events.length === 1);
      assert.equal(answer.events[0]?.data, "");
      assert.ok(answer.cursor);
      assert.equal((await served.call(1)).id, 1);
    },
  },
  {
    name: "the head of a stream comes at once where there is no priming event",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession("2025-06-18");
      assert.equal((await session.call(1)).status, 200);
      assert.equal((await session.get()).status, 200);
    },
  },
  {
    name: "each notification is sent when it is said",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const answer = await session.call(1);
      const call = await served.call(1);
      for (let n = 1; n <= 5; n += 1) {
        await call.notify(`step ${n}`);
        await answer.untilMessages(n);
      }
      call.finish("done");
      assert.deepEqual((await answer.untilOver()).said, [...numbered("step", 5), "done"]);
    },
  },
  {
    name: "G1 a burst of notifications keeps its order and loses nothing",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const answer = await session.call(1);
      const call = await served.call(1);
      await Promise.all(numbered("burst", 1_000).map((text) => call.notify(text)));
      call.finish("done");
      assert.deepEqual((await answer.untilOver()).said, [...numbered("burst", 1_000), "done"]);
    },
  },
  {
    name: "a result of 8 MB of non-ASCII text arrives character for character",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const answer = await session.call(1);
      (await served.call(1)).finish(LARGE);
      await answer.untilOver();
      assert.ok(answer.said[0] === LARGE, "the text differs");
      assert.ok(answer.isComplete);
    },
  },
  {
    name: "the same in one JSON body",
    async run(t) {
      const served = await t.serve({ enableJsonResponse: true });
      const session = await served.openSession();
      const pending = session.call(1);
      (await served.call(1)).finish(LARGE);
      const answer = await (await pending).untilOver();
      assert.ok(answer.said[0] === LARGE, "the text differs");
    },
  },
  {
    name: "comments keep a silent stream alive",
    async run(t) {
      const served = await t.serve({ keepAliveMs: 10 });
      const session = await served.openSession();
      for (const answer of [await session.call(1), await session.get()]) {
        await answer.until("comments", () => answer.comments.length >= 3);
        assert.equal(answer.isOver, false);
      }
    },
  },
  {
    name: "a stream is not compressed, even for clients that would take it",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession(undefined, { headers: { "accept-encoding": "gzip, br" } });
      const answer = await session.call(1);
      assert.equal(answer.header("content-encoding"), undefined);
      await (await served.call(1)).notify("step 1");
      await answer.untilMessages(1);
    },
  },
  {
    name: "the GET stream brings what belongs to no call",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const stream = await session.get();
      assert.equal(stream.status, 200);
      assert.match(stream.header("content-type") ?? "", /^text\/event-stream(;|$)/);
      assert.equal(stream.header("cache-control"), "no-cache, no-transform");
      assert.equal(stream.header("x-accel-buffering"), "no");
      await served.notify("first");
      await stream.untilMessages(1);
      await served.notify("second");
      await stream.untilMessages(2);
      assert.deepEqual(stream.said, ["first", "second"]);
    },
  },
  {
    name: "G1 a second GET supersedes the first, which ends and is told to stay away",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const first = await session.get();
      const second = await session.get();
      await first.untilOver();
      assert.equal(first.events.at(-1)?.retryMs, 60_000);
      assert.ok(first.isComplete);
      await served.notify("for the second");
      await second.untilMessages(1);
      assert.deepEqual([first.said, second.said], [[], ["for the second"]]);
      await served.until({ connections: 1 });
    },
  },
];

function numbered(what: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${what} ${index + 1}`);
}
