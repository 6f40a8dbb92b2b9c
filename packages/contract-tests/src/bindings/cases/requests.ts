import assert from "node:assert/strict";
import type { BindingCase } from "../binding-case.js";
import { rawRequest } from "../client/raw-socket.js";
import { assertRefused, CODES } from "../client/refusal.js";
import { initialize, ping, toolCall } from "../client/session-client.js";

/** What the endpoint, and the application behind it, get to know of a request. */
export const requestCases: readonly BindingCase[] = [
  {
    name: "the query of the opening request reaches createServer",
    async run(t) {
      const served = await t.serve();
      await served.openSession(undefined, { suffix: "?apps=a,b&mode=x&odd=%26%C3%A4%20%2B+&empty=" });
      assert.deepEqual({ ...served.context?.query }, { apps: "a,b", mode: "x", odd: "&ä + ", empty: "" });
    },
  },
  {
    name: "the opening request's headers reach createServer as far as they may be stored",
    async run(t) {
      const served = await t.serve({ storedHeaders: ["X-Chat-Id"] });
      await served.openSession(undefined, { headers: { "X-CHAT-ID": "chat 1", "x-other": "2" } });
      assert.deepEqual({ ...served.context?.headers }, { "x-chat-id": "chat 1" });
    },
  },
  {
    name: "headers and URL of a call's request reach its handler",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession(undefined, { headers: { "x-trace": "7" } });
      await session.call(1);
      const call = await served.call(1);
      assert.equal(call.header("x-trace"), "7");
      assert.equal(call.url, served.url);
    },
  },
  {
    name: "what authentication found out reaches handlers",
    async run(t) {
      const authInfo = {
        token: "secret",
        clientId: "client",
        scopes: ["a", "b"],
        extra: { subject: "alice" },
      };
      const principal = () => ({ issuer: "issuer", subject: "alice", client: "client" });
      const served = await t.serve({ principal }, { authInfo });
      const session = await served.openSession();
      await session.call(1);
      assert.deepEqual((await served.call(1)).authInfo, authInfo);
    },
  },
  {
    name: "without authentication handlers are told of none",
    async run(t) {
      const served = await t.serve();
      await (await served.openSession()).call(1);
      assert.equal((await served.call(1)).authInfo, undefined);
    },
  },
  {
    name: "G9 the principal is taken from the request, and a stranger's session is not found",
    async run(t) {
      const served = await t.serve({
        principal: ({ headers }) => ({ issuer: "i", subject: headers["x-user"] ?? "nobody", client: "c" }),
      });
      const session = await served.openSession(undefined, { headers: { "x-user": "alice" } });
      for (const method of ["GET", "DELETE"]) {
        const stranger = await session.request({ method, headers: { "x-user": "bob" } });
        await assertRefused(stranger, { status: 404, code: CODES.notFound }, method);
      }
      const stranger = await session.request({ method: "POST", body: ping(1), headers: { "x-user": "bob" } });
      await assertRefused(stranger, { status: 404, code: CODES.notFound, id: 1 });
      assert.equal((await session.post(ping(2))).status, 200);
    },
  },
  {
    name: "the host that was asked for is looked at",
    async run(t) {
      const served = await t.serve({ allowedHosts: ["127.0.0.1"] });
      const host = { host: "evil.example" };
      const answer = await served.open({ method: "POST", body: initialize(), headers: host });
      await assertRefused(answer, { status: 403, code: CODES.refused });
      await served.assertUsable();
    },
  },
  {
    name: "paths beside and below the endpoint's own are answered, whatever the answer is",
    async run(t) {
      const served = await t.serve();
      for (const suffix of [
        "/",
        "/sub",
        "/sub/../..",
        "//",
        "?",
        "?a[b]=1&__proto__=2",
        "x",
        "%00",
        "%",
        "/%ff",
      ]) {
        for (const method of ["GET", "POST"]) {
          const body = method === "POST" ? ping(1) : undefined;
          const answer = await served.request({ method, suffix, body });
          assert.ok(answer.isComplete && answer.status >= 300, `${method} ${suffix}: ${answer.status}`);
        }
      }
      await served.assertUsable();
    },
  },
  {
    name: "odd request targets and hosts are answered, whatever the answer is",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const targets = ["*", "http://127.0.0.1/mcp", "//127.0.0.1/mcp", "/mcp?%", "/mcp#x", "/mcp?a=%ff"];
      for (const target of targets) {
        const socket = await served.socket();
        socket.write(rawRequest(target === "*" ? "OPTIONS" : "POST", session.headers, ping(1), { target }));
        assert.equal((await socket.answers("POST")).length, 1, target);
      }
      for (const host of ["a b", "[::1", "@", "user@x", "x:99999", "/", "%", "ä"]) {
        const request = { method: "POST", headers: { host }, body: toolCall(host) };
        const answer = await session.request(request);
        if (answer.status !== 200) continue;
        const call = await served.call(host);
        call.finish(String(call.url));
        assert.equal((await answer.untilOver()).said.length, 1, host);
      }
      await served.assertUsable();
    },
  },
  {
    name: "a header in several lines is one header",
    async run(t) {
      const served = await t.serve();
      const socket = await served.socket();
      const accept = ["application/json", "text/event-stream"];
      socket.write(rawRequest("POST", { accept }, initialize()));
      const [answer] = await socket.answers("POST");
      assert.equal(answer?.status, 200, answer?.body);
    },
  },
];
