import assert from "node:assert/strict";
import type { BindingCase } from "../binding-case.js";
import { assertRefused, CODES } from "../client/refusal.js";
import { INITIALIZED, initialize, ping } from "../client/session-client.js";

const PARSED = { body: "parsed" } as const;
const DRAINED = { body: "drained" } as const;

/** Bodies that somebody has read before the endpoint could. */
export const parsedBodyCases: readonly BindingCase[] = [
  {
    name: "parsed: a call is served, and streams",
    async run(t) {
      const served = await t.serve({}, PARSED);
      const session = await served.openSession();
      const answer = await session.call("ä 1");
      const call = await served.call("ä 1");
      await call.notify("step 1");
      await answer.untilMessages(1);
      call.finish("done");
      assert.deepEqual((await answer.untilOver()).said, ["step 1", "done"]);
    },
  },
  {
    name: "parsed: a batch, GET and DELETE are served",
    async run(t) {
      const served = await t.serve({}, PARSED);
      const session = await served.openSession("2025-03-26");
      const answer = await (await session.post([ping(1), ping(2)])).untilOver();
      assert.deepEqual(answer.messages.map(({ id }) => id).toSorted(), [1, 2]);
      const stream = await session.get();
      await served.notify("first");
      await stream.untilMessages(1);
      assert.equal((await session.request({ method: "DELETE" })).status, 200);
    },
  },
  {
    name: "parsed: a client that goes away leaves no connection behind",
    async run(t) {
      const served = await t.serve({}, PARSED);
      const session = await served.openSession();
      const answer = await session.call(1);
      await served.until({ connections: 1 });
      answer.cut();
      await served.until({ connections: 0 });
    },
  },
  {
    name: "parsed: what is no JSON-RPC gets 400, another Content-Type 415, another method 405",
    async run(t) {
      const served = await t.serve({}, PARSED);
      for (const body of [{}, [], { jsonrpc: "2.0", id: {}, method: "ping" }]) {
        const refusal = { status: 400, code: CODES.invalid };
        await assertRefused(await served.open({ method: "POST", body }), refusal, JSON.stringify(body));
      }
      const headers = { "content-type": "text/plain" };
      const answer = await served.open({ method: "POST", headers, body: initialize() });
      await assertRefused(answer, { status: 415, code: CODES.refused });
      const put = await served.open({ method: "PUT", body: INITIALIZED });
      await assertRefused(put, { status: 405, code: CODES.refused });
    },
  },
  {
    name: "parsed: what the parser itself refuses gets a JSON-RPC error",
    needs: "parserErrors",
    async run(t) {
      const served = await t.serve({}, PARSED);
      const notJson = { status: 400, code: CODES.parse };
      for (const body of ["{", "not JSON"]) {
        await assertRefused(await served.open({ method: "POST", body }), notJson, body);
      }
      const large = Buffer.alloc(5 * 1024 * 1024, " ");
      const tooLarge = { status: 413, code: CODES.refused };
      await assertRefused(await served.open({ method: "POST", body: large }), tooLarge, "announced");
      await assertRefused(await served.open({ method: "POST", pieces: [large] }), tooLarge, "in pieces");
      await served.assertUsable();
    },
  },
  {
    name: "parsed: what the parser refuses of a verb that is not served gets a JSON-RPC error, too",
    needs: "parserErrors",
    async run(t) {
      const served = await t.serve({}, PARSED);
      const headers = { "content-type": "application/json" };
      const put = await served.open({ method: "PUT", headers, body: "{" });
      await assertRefused(put, { status: 405, code: CODES.refused });
    },
  },
  {
    name: "parsed: a page of an allowed origin may read what the parser refuses",
    needs: "parserErrors",
    async run(t) {
      const served = await t.serve({ allowedOrigins: ["http://good.example"] }, PARSED);
      const headers = { origin: "http://good.example" };
      const answer = await served.request({ method: "POST", headers, body: "{" });
      assert.equal(answer.status, 400);
      assert.equal(answer.header("access-control-allow-origin"), headers.origin);
      const evil = { origin: "http://evil.example" };
      assert.equal((await served.request({ method: "POST", headers: evil, body: "{" })).status, 403);
    },
  },
  {
    name: "parsed: charsets and encodings that the parser does not know get a JSON-RPC error",
    needs: "parserErrors",
    async run(t) {
      const served = await t.serve({}, PARSED);
      const odd = [
        { "content-type": "application/json; charset=x-unknown" },
        { "content-encoding": "x-unknown" },
        { "content-encoding": "gzip" },
      ];
      for (const headers of odd) {
        const answer = await served.request({ method: "POST", headers, body: "{" });
        assert.ok([400, 415].includes(answer.status), `${answer.status} ${answer.text}`);
        const code = answer.status === 400 ? CODES.parse : CODES.refused;
        await assertRefused(answer, { status: answer.status, code }, JSON.stringify(headers));
      }
    },
  },
  {
    name: "drained: a POST is told at once how to hand on the body; GET and DELETE are served",
    async run(t) {
      const before = await t.serve();
      const opened = await before.openSession();
      await before.close();
      const served = await t.serve({}, DRAINED);
      const session = served.session(opened.headers);
      for (const body of [initialize(), ping(1), { ...ping(2), params: { text: "x".repeat(300_000) } }]) {
        const answer = await session.post(body);
        const message = await assertRefused(answer, { status: 500, code: CODES.internal });
        assert.match(message, /parsedBody/);
      }
      const stream = await session.get();
      assert.equal(stream.status, 200);
      await served.notify("first");
      await stream.untilMessages(1);
      assert.equal((await session.request({ method: "DELETE" })).status, 200);
    },
  },
];
