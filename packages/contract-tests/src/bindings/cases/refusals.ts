import assert from "node:assert/strict";
import type { BindingCase } from "../binding-case.js";
import { assertRefused, CODES } from "../client/refusal.js";
import { initialize, ping } from "../client/session-client.js";

/** Requests that are refused for their method or headers: with JSON-RPC errors, whatever the framework would say. */
export const refusalCases: readonly BindingCase[] = [
  {
    name: "other methods get 405 with Allow",
    async run(t) {
      const served = await t.serve();
      for (const method of ["PUT", "PATCH", "OPTIONS", "TRACE"]) {
        const answer = await served.open({
          method,
          body: method === "OPTIONS" || method === "TRACE" ? undefined : ping(1),
        });
        await assertRefused(answer, { status: 405, code: CODES.refused }, method);
        assert.equal(answer.header("allow"), "GET, POST, DELETE");
      }
    },
  },
  {
    name: "HEAD gets 405 with Allow, and no stream",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const answer = await (
        await session.request({ method: "HEAD", headers: { accept: "text/event-stream" } })
      ).untilOver();
      assert.deepEqual([answer.status, answer.text], [405, ""]);
      assert.equal(answer.header("allow"), "GET, POST, DELETE");
      await served.until({ connections: 0 });
    },
  },
  {
    name: "a request without a session gets 400",
    async run(t) {
      const served = await t.serve();
      const refusal = { status: 400, code: CODES.refused };
      await assertRefused(await served.open({ method: "GET" }), refusal, "GET");
      await assertRefused(await served.open({ method: "DELETE" }), refusal, "DELETE");
      const answer = await served.open({ method: "POST", body: ping(7) });
      await assertRefused(answer, { ...refusal, id: 7 }, "POST");
    },
  },
  {
    name: "G3 a request of an unknown session gets 404 on every verb",
    async run(t) {
      const served = await t.serve();
      const session = served.session({ "mcp-session-id": "nobody-knows-it" });
      const refusal = { status: 404, code: CODES.notFound };
      await assertRefused(await session.get(), refusal, "GET");
      await assertRefused(await session.get("g.1.1"), refusal, "resume");
      await assertRefused(await session.request({ method: "DELETE" }), refusal, "DELETE");
      await assertRefused(await session.post(ping(7)), { ...refusal, id: 7 }, "POST");
    },
  },
  {
    name: "an unknown protocol version gets 400",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const headers = { "mcp-protocol-version": "1999-01-01" };
      const answer = await session.request({ method: "GET", headers });
      await assertRefused(answer, { status: 400, code: CODES.refused });
    },
  },
  {
    name: "an Accept header that lacks what the verb needs gets 406",
    async run(t) {
      const served = await t.serve();
      const refusal = { status: 406, code: CODES.refused };
      for (const accept of ["", "application/json", "text/event-stream", "text/html"]) {
        const answer = await served.open({ method: "POST", headers: { accept }, body: initialize() });
        await assertRefused(answer, refusal, `POST ${accept}`);
      }
      const session = await served.openSession();
      for (const accept of ["", "application/json"]) {
        await assertRefused(await session.request({ method: "GET", headers: { accept } }), refusal, accept);
      }
    },
  },
  {
    name: "a Content-Type that is not JSON gets 415, whatever the framework thinks of it",
    async run(t) {
      const served = await t.serve();
      const odd = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"];
      const garbage = ["gar bage", ";;;", "application/jsonp", "json", "application/", "a/b/c; charset"];
      for (const type of ["", ...odd, ...garbage]) {
        const headers = { "content-type": type };
        const answer = await served.open({ method: "POST", headers, body: initialize() });
        await assertRefused(answer, { status: 415, code: CODES.refused }, type);
      }
      await served.assertUsable();
    },
  },
  {
    name: "what other verbs say of a body, and bring as one, is nobody's concern",
    async run(t) {
      const served = await t.serve();
      for (const type of ["application/json", "text/plain"]) {
        for (const body of [undefined, "", "{", ping(1)]) {
          const what = `${type} ${JSON.stringify(body)}`;
          const session = await served.openSession();
          const headers = { "content-type": type };
          const stream = await session.request({ method: "GET", headers, body });
          assert.equal(stream.status, 200, `GET ${what}`);
          const put = await session.request({ method: "PUT", headers, body });
          await assertRefused(put, { status: 405, code: CODES.refused }, `PUT ${what}`);
          const ended = await session.request({ method: "DELETE", headers, body });
          assert.equal(ended.status, 200, `DELETE ${what}`);
        }
      }
    },
  },
  {
    name: "an odd Content-Type makes no difference to a verb that is not served",
    async run(t) {
      const served = await t.serve();
      for (const type of ["gar bage", ";;;"]) {
        const put = await served.open({ method: "PUT", headers: { "content-type": type }, body: "{" });
        await assertRefused(put, { status: 405, code: CODES.refused }, type);
      }
    },
  },
  {
    name: "JSON is JSON, with whatever parameters and in whatever case",
    async run(t) {
      const served = await t.serve();
      for (const type of [
        "application/json; charset=utf-8",
        "Application/JSON",
        'application/json ; charset="UTF-8"',
      ]) {
        const headers = { "content-type": type };
        const answer = await served.request({ method: "POST", headers, body: initialize() });
        assert.equal(answer.status, 200, type);
      }
    },
  },
  {
    name: "G7 a session too many gets 429 with Retry-After",
    async run(t) {
      const served = await t.serve({ maxSessions: 1 });
      await served.openSession();
      const answer = await served.open({ method: "POST", body: initialize("second") });
      await assertRefused(answer, { status: 429, code: -31013, id: "second" });
      assert.match(answer.header("retry-after") ?? "", /^\d+$/);
    },
  },
];
