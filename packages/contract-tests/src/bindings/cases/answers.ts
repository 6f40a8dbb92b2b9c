import assert from "node:assert/strict";
import type { BindingCase } from "../binding-case.js";
import { initialize, NEWEST, ping } from "../client/session-client.js";

/** What requests that go well are answered with: status, headers, body. */
export const answerCases: readonly BindingCase[] = [
  {
    name: "initialize is answered on an SSE stream that no cache and no proxy may hold back",
    async run(t) {
      const served = await t.serve();
      const answer = await served.request({ method: "POST", body: initialize() });
      assert.equal(answer.status, 200);
      assert.match(answer.header("content-type") ?? "", /^text\/event-stream(;|$)/);
      assert.equal(answer.header("cache-control"), "no-cache, no-transform");
      assert.equal(answer.header("x-accel-buffering"), "no");
      assert.match(answer.header("mcp-session-id") ?? "", /^[\x21-\x7e]+$/);
      assert.equal(answer.header("content-length"), undefined);
      assert.ok(answer.isComplete);
      assert.equal(answer.messages.length, 1);
      assert.equal(answer.messages[0]?.id, "init");
      assert.equal(answer.messages[0]?.result.protocolVersion, NEWEST);
    },
  },
  {
    name: "an SSE answer is framed byte for byte, from the priming event to its end",
    async run(t) {
      const served = await t.serve({ retryMs: 1234 });
      const session = await served.openSession();
      const answer = await session.call(1);
      (await served.call(1)).finish("done");
      await answer.untilOver();
      const [priming, event] = answer.events;
      const expected = `id: ${priming?.id}\nretry: 1234\ndata: \n\nevent: message\nid: ${event?.id}\ndata: ${event?.data}\n\n`;
      assert.equal(answer.text, expected);
      assert.deepEqual(answer.said, ["done"]);
    },
  },
  {
    name: "initialize is answered with one JSON body if the endpoint is told so",
    async run(t) {
      const served = await t.serve({ enableJsonResponse: true });
      const answer = await served.request({ method: "POST", body: initialize() });
      assert.equal(answer.status, 200);
      assert.match(answer.header("content-type") ?? "", /^application\/json(;|$)/);
      assert.ok(answer.header("mcp-session-id"));
      assert.equal(answer.messages[0]?.result.protocolVersion, NEWEST);
      assert.equal(answer.text, JSON.stringify(JSON.parse(answer.text)), "nothing around the JSON");
    },
  },
  {
    name: "a notification and a response get 202 and no body",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const cancelled = { method: "notifications/cancelled", params: { requestId: 99 } };
      for (const message of [cancelled, { id: 1, result: {} }]) {
        const answer = await (await session.post({ jsonrpc: "2.0", ...message })).untilOver();
        assert.deepEqual([answer.status, answer.text], [202, ""]);
        assert.equal(answer.header("content-type"), undefined);
      }
    },
  },
  {
    name: "DELETE gets 200 once and no body, and ends the session on every verb",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const ended = await (await session.request({ method: "DELETE" })).untilOver();
      assert.deepEqual([ended.status, ended.text], [200, ""]);
      assert.equal((await session.request({ method: "DELETE" })).status, 404);
      assert.equal((await session.post(ping(1))).status, 404);
      assert.equal((await session.get()).status, 404);
    },
  },
  {
    name: "many calls at once are answered each on its own connection",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const ids = Array.from({ length: 20 }, (_, index) => index + 1);
      const answers = await Promise.all(ids.map((id) => session.call(id)));
      await served.until({ calls: 20, connections: 20 });
      for (const id of ids.toReversed()) (await served.call(id)).finish(`answer ${id}`);
      for (const [index, answer] of answers.entries())
        assert.deepEqual((await answer.untilOver()).said, [`answer ${index + 1}`]);
      await served.until({ calls: 0, connections: 0 });
    },
  },
];
