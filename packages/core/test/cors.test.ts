import { describe, expect, it } from "vitest";
import { INITIALIZE, PING } from "./support/answer-rows.js";
import { ask, type FakeRequest, type FakeResponse } from "./support/fake-http.js";
import { soon } from "./support/soon.js";
import { TestBed } from "./support/test-session.js";

const PAGE = "http://page.example";
const PREFLIGHT: FakeRequest = {
  method: "OPTIONS",
  headers: {
    origin: PAGE,
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,mcp-session-id,x-own",
  },
};

/** Names of the answer's headers that open it to pages. */
function opening({ headers }: FakeResponse): readonly string[] {
  return Object.keys(headers).filter((name) => name.startsWith("access-control-"));
}

describe("pages of other origins", () => {
  it("may do nothing unless their origin is allowed", async () => {
    const { endpoint } = new TestBed();
    const fromPage = { body: INITIALIZE, headers: { origin: PAGE } };
    const answers = [await ask(endpoint, PREFLIGHT), await ask(endpoint, fromPage)];
    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    expect(answers.flatMap(opening)).toEqual([]);
    expect(endpoint.stats().sessions).toBe(0);
  });

  it("are told what they may send", async () => {
    const { endpoint } = new TestBed({ allowedOrigins: [PAGE] });
    const answer = await ask(endpoint, PREFLIGHT);
    expect(answer).toMatchObject({ status: 204, text: "", ended: true });
    expect(answer.headers).toEqual({
      "access-control-allow-origin": PAGE,
      "access-control-allow-methods": "GET, POST, DELETE",
      "access-control-allow-headers": "content-type,mcp-session-id,x-own",
      "access-control-expose-headers": "Mcp-Session-Id, WWW-Authenticate, Retry-After",
      "access-control-max-age": "7200",
      vary: "Origin",
    });
  });

  it("are answered before anybody asks who they are: a preflight carries no token", async () => {
    const bed = new TestBed({
      allowedOrigins: [PAGE],
      principal: () => {
        throw new Error("nobody asked");
      },
    });
    expect((await ask(bed.endpoint, PREFLIGHT)).status).toBe(204);
  });

  it.each([
    ["an answer", { body: INITIALIZE }, 200],
    ["a refusal", { body: PING }, 400],
    ["a session that is not there", { method: "GET", headers: { "mcp-session-id": "gone" } }, 404],
    ["another verb", { method: "PUT" }, 405],
    ["OPTIONS that is no preflight", { method: "OPTIONS" }, 405],
  ])("may read %s", async (_name, request: FakeRequest, status) => {
    const { endpoint } = new TestBed({ allowedOrigins: [PAGE] });
    const answer = await ask(endpoint, { ...request, headers: { ...request.headers, origin: PAGE } });
    await soon(() => expect(answer.ended).toBe(true));
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({ "access-control-allow-origin": PAGE, vary: "Origin" });
  });

  it.each([
    ["of another origin", "http://other.example", [PAGE], 403, undefined],
    ["of any origin", "http://other.example", ["*"], 204, "http://other.example"],
    ["of no origin", "null", ["null"], 204, "null"],
    ["of the same name and another port", `${PAGE}:81`, [PAGE], 403, undefined],
  ])("%s", async (_name, origin, allowedOrigins, status, allowed) => {
    const { endpoint } = new TestBed({ allowedOrigins });
    const answer = await ask(endpoint, { ...PREFLIGHT, headers: { ...PREFLIGHT.headers, origin } });
    expect(answer.status).toBe(status);
    expect(answer.headers["access-control-allow-origin"]).toBe(allowed);
  });

  it("do not open it to a Host that is not allowed", async () => {
    const { endpoint } = new TestBed({ allowedOrigins: [PAGE], allowedHosts: ["mcp.example"] });
    const headers = { ...PREFLIGHT.headers, host: "rebound.example" };
    expect((await ask(endpoint, { ...PREFLIGHT, headers })).status).toBe(403);
  });

  it.each([undefined, "http://other.example"])("are told from Origin: %s, also by caches", async (origin) => {
    const { endpoint } = new TestBed({ allowedOrigins: [PAGE] });
    const answer = await ask(endpoint, { method: "GET", headers: { origin } });
    expect(opening(answer)).toEqual([]);
    expect(answer.headers.vary).toBe("Origin");
  });
});
