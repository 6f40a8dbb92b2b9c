import assert from "node:assert/strict";
import type { BindingCase } from "../binding-case.js";
import type { Answer } from "../client/answer.js";
import { assertRefused, CODES } from "../client/refusal.js";
import { INITIALIZED, initialize, ping } from "../client/session-client.js";

const GOOD = "http://good.example";
const EVIL = "http://evil.example";
const FORBIDDEN = { status: 403, code: CODES.refused };

/** What pages of other origins may do. */
export const corsCases: readonly BindingCase[] = [
  {
    name: "without allowed origins, a page's requests and preflights get 403 and no leave to read that",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const origin = { origin: GOOD };
      for (const request of [
        preflightFrom(GOOD),
        { method: "POST", headers: origin, body: initialize() },
        { method: "GET", headers: { ...session.headers, ...origin } },
        { method: "DELETE", headers: { ...session.headers, ...origin } },
      ]) {
        const answer = await served.open(request);
        await assertRefused(answer, FORBIDDEN, request.method);
        assertNoLeave(answer);
      }
      assert.equal((await session.post(ping(1))).status, 200, "the session is untouched");
    },
  },
  {
    name: "a preflight of an allowed origin gets 204 and is allowed what it asks for, without credentials",
    async run(t) {
      const served = await t.serve({ allowedOrigins: [GOOD] });
      const answer = await served.request(preflightFrom(GOOD, "content-type,mcp-session-id,x-odd"));
      assert.deepEqual([answer.status, answer.text], [204, ""]);
      assert.equal(answer.header("access-control-allow-origin"), GOOD);
      assert.deepEqual(listIn(answer, "access-control-allow-methods").toSorted(), ["delete", "get", "post"]);
      const allowed = listIn(answer, "access-control-allow-headers");
      for (const name of ["content-type", "mcp-session-id", "x-odd"]) assert.ok(allowed.includes(name), name);
      assert.ok(listIn(answer, "vary").includes("origin"));
      assert.equal(answer.header("access-control-allow-credentials"), undefined);
    },
  },
  {
    name: "every answer to an allowed origin may be read, with the session's id",
    async run(t) {
      const served = await t.serve({ allowedOrigins: [GOOD] });
      const headers = { origin: GOOD };
      const opening = await served.request({ method: "POST", headers, body: initialize() });
      assertReadable(opening, 200);
      const session = { ...headers, "mcp-session-id": opening.header("mcp-session-id") ?? "" };
      assertReadable(await served.request({ method: "POST", headers: session, body: INITIALIZED }), 202);
      assertReadable(await served.open({ method: "GET", headers: session }), 200);
      const unknown = { ...headers, "mcp-session-id": "unknown" };
      assertReadable(await served.request({ method: "GET", headers: unknown }), 404);
      assertReadable(await served.request({ method: "POST", headers, body: "{" }), 400);
      assertReadable(await served.request({ method: "POST", headers, body: "x".repeat(5_000_000) }), 413);
      assertReadable(await served.request({ method: "PUT", headers, body: ping(1) }), 405);
      assertReadable(await served.request({ method: "DELETE", headers: session }), 200);
    },
  },
  {
    name: "another origin than those allowed gets 403 and no leave to read that",
    async run(t) {
      const served = await t.serve({ allowedOrigins: [GOOD] });
      for (const origin of [EVIL, `${GOOD}.evil.example`, "null", ""]) {
        const refused = await served.open({
          method: "POST",
          headers: { origin: origin || " " },
          body: initialize(),
        });
        await assertRefused(refused, FORBIDDEN, origin);
        assertNoLeave(refused);
      }
      const preflight = await served.open(preflightFrom(EVIL));
      await assertRefused(preflight, FORBIDDEN, "preflight");
      assertNoLeave(preflight);
    },
  },
  {
    name: "who sends no Origin is served, and told nothing of origins",
    async run(t) {
      const served = await t.serve({ allowedOrigins: [GOOD] });
      const answer = await served.request({ method: "POST", body: initialize() });
      assert.equal(answer.status, 200);
      assertNoLeave(answer);
      const { status, headers } = { status: 405, headers: { "access-control-request-method": "POST" } };
      assert.equal((await served.request({ method: "OPTIONS", headers })).status, status);
    },
  },
];

function preflightFrom(origin: string, headers = "content-type") {
  return {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": headers,
    },
  };
}

function listIn(answer: Answer, header: string): string[] {
  return (answer.header(header) ?? "").split(",").map((name) => name.trim().toLowerCase());
}

function assertReadable(answer: Answer, status: number): void {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.header("access-control-allow-origin"), GOOD, `${status}`);
  assert.ok(listIn(answer, "access-control-expose-headers").includes("mcp-session-id"), `${status}`);
  assert.ok(listIn(answer, "vary").includes("origin"), `${status}`);
  assert.equal(answer.header("access-control-allow-credentials"), undefined);
}

function assertNoLeave(answer: Answer): void {
  assert.deepEqual(
    answer.headerNames.filter((name) => name.startsWith("access-control-")),
    [],
  );
}
