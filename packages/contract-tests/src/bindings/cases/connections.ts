import assert from "node:assert/strict";
import { Agent } from "node:http";
import type { BindingCase } from "../binding-case.js";
import { rawRequest } from "../client/raw-socket.js";
import { initialize, ping, toolCall } from "../client/session-client.js";
import { SseReader } from "../client/sse-reader.js";

/** Several requests on one connection. */
export const connectionCases: readonly BindingCase[] = [
  {
    name: "requests that are sent ahead on one connection are answered in order",
    async run(t) {
      const served = await t.serve();
      const { headers } = await served.openSession();
      const socket = await served.socket();
      const ids = [1, 2, 3, 4, 5];
      socket.write(ids.map((id) => rawRequest("POST", headers, ping(id))).join(""));
      const answers = await socket.answers(...ids.map(() => "POST"));
      for (const [index, { status, body }] of answers.entries()) {
        assert.equal(status, 200);
        assert.ok(body.includes(`"id":${ids[index]}`), body);
      }
      socket.write(rawRequest("POST", headers, ping(6)));
      assert.equal((await socket.answers(...[...ids, 6].map(() => "POST"))).length, 6);
    },
  },
  {
    name: "G7 an answer that waits behind a stream of its connection is bounded, and gone with it",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const socket = await served.socket();
      socket.write(rawRequest("GET", session.headers) + rawRequest("POST", session.headers, ping(1)));
      await socket.until("the stream", (bytes) => bytes.includes("text/event-stream"));
      // Whether or not the second one was looked at before its turn, nothing of it may stay.
      socket.cut();
      await served.until({ connections: 0, bufferedBytes: 0 });
      await served.assertUsable();
    },
  },
  {
    name: "a connection goes on after errors",
    async run(t) {
      const served = await t.serve();
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const unknown = { "mcp-session-id": "unknown" };
      const refused = [
        { status: 404, method: "GET", headers: unknown },
        { status: 404, method: "POST", headers: unknown, body: ping(1) },
        { status: 400, method: "POST", body: "{" },
        { status: 415, method: "POST", headers: { "content-type": "text/plain" }, body: ping(1) },
        { status: 406, method: "POST", headers: { accept: "text/html" }, body: "x".repeat(100_000) },
        { status: 405, method: "PUT", body: ping(1) },
        { status: 405, method: "HEAD" },
        { status: 404, method: "DELETE", headers: unknown },
        { status: 404, method: "DELETE", headers: unknown, body: "x".repeat(100_000) },
        { status: 404, method: "GET", headers: unknown, body: ping(1) },
      ];
      for (const { status, ...request } of refused) {
        assert.equal((await served.request({ ...request, agent })).status, status);
        const answer = await served.request({ method: "POST", body: initialize(), agent });
        assert.equal(answer.status, 200, `after ${request.method} ${status}`);
      }
      agent.destroy();
    },
  },
  {
    name: "a proxy that speaks HTTP/1.0 gets streams, which end with their connection",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const socket = await served.socket();
      socket.write(rawRequest("POST", session.headers, toolCall(1), { version: "1.0" }));
      const call = await served.call(1);
      await call.notify("step 1");
      await socket.until("the first step", (bytes) => bytes.includes("step 1"));
      call.finish("done");
      const [head = "", body = ""] = (await socket.rest()).split(/\r\n\r\n(.*)/s, 2);
      assert.match(head, /^HTTP\/1\.[01] 200 /);
      const events = new SseReader().push(body);
      assert.deepEqual(
        events.map(({ data }) => data !== ""),
        [false, true, true],
        body,
      );
    },
  },
  {
    name: "an answer to HEAD has no body that could be taken for the next answer",
    async run(t) {
      const served = await t.serve();
      const socket = await served.socket();
      socket.write(rawRequest("HEAD", {}) + rawRequest("POST", {}, ping(7)));
      const [head, post] = await socket.answers("HEAD", "POST");
      assert.equal(head?.status, 405);
      assert.deepEqual([post?.status, JSON.parse(post?.body ?? "").id], [400, 7]);
    },
  },
];
