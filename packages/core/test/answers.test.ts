import { describe, expect, it } from "vitest";
import type { McpEndpointOptions } from "../src/index.js";
import { ANSWER_ROWS, INITIALIZE, INITIALIZED, PING, SESSION } from "./support/answer-rows.js";
import { ask, type FakeRequest, type FakeResponse } from "./support/fake-http.js";
import { callOf, over, TestBed } from "./support/test-session.js";

describe("the answer table", () => {
  it.each(ANSWER_ROWS)(
    "$name: $status $code",
    async ({ request, revision, options, status, code, id = null, headers = {} }) => {
      const bed = new TestBed(options?.maxBodyBytes ? {} : options);
      const client = await bed.open(revision);
      const tested = options?.maxBodyBytes ? new TestBed(options) : bed;
      const named = (values: FakeRequest["headers"] = {}) =>
        Object.fromEntries(Object.entries(values).map(([k, v]) => [k, v === SESSION ? client.sessionId : v]));
      const sessions = bed.endpoint.stats().sessions;
      const answer = await ask(tested.endpoint, { ...request, headers: named(request.headers) });
      expect(answer.status).toBe(status);
      expect(answer.headers).toMatchObject(named(headers));
      if (code !== undefined) {
        expect(answer.headers["content-type"]).toBe("application/json");
        expect(answer.json).toMatchObject({ jsonrpc: "2.0", id, error: { code } });
        expect(answer.ended).toBe(true);
        expect(bed.endpoint.stats().sessions, "nothing was opened").toBe(sessions);
      }
      if (status === 202) expect([answer.text, answer.ended]).toEqual(["", true]);
    },
  );

  it("DELETE: 200 once, then 404 everywhere", async () => {
    const client = await new TestBed().open();
    expect((await client.delete()).status).toBe(200);
    const answers = [
      await client.delete(),
      await client.get(),
      await client.post(PING),
      await client.get("g.0.0"),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  });

  it("a closed endpoint: 503 with Retry-After on every verb", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    await bed.endpoint.close();
    const answers = [
      await client.delete(),
      await client.get(),
      await client.post(PING),
      await ask(bed.endpoint, { body: INITIALIZE }),
    ];
    for (const answer of answers) {
      expect([answer.status, answer.headers["retry-after"], answer.json]).toMatchObject([
        503,
        "2",
        { error: { code: -31012 } },
      ]);
    }
  });

  it("a client that goes away while it sends its body gets no answer", async () => {
    const answer = await ask(new TestBed().endpoint, { read: { outcome: "aborted" } });
    expect(answer.begun).toBe(false);
  });

  it.each([
    ["2025-11-25", true],
    ["2025-06-18", false],
    ["2025-03-26", false],
  ])("streams on %s are primed: %s", async (revision, primed) => {
    const bed = new TestBed();
    const client = await bed.open(revision);
    for (const stream of [await client.call(1), await client.get()]) {
      const [first] = stream.frames;
      if (primed)
        expect(first).toMatchObject({
          id: expect.stringMatching(/^(g|p\..*)\.0\.0$/),
          retry: 3_000,
          data: "",
        });
      else expect(first).toBeUndefined();
    }
    expect((await bed.dispatched(1)).extra.closeSSEStream !== undefined).toBe(primed);
  });
});

describe("G3, G9: somebody else's session is answered like none", () => {
  it("on POST, GET, DELETE and resume, while it lives and while it is not in memory", async () => {
    const principal: McpEndpointOptions["principal"] = ({ headers }) => ({
      issuer: "i",
      subject: headers["x-user"] ?? "",
      client: "c",
    });
    const bed = new TestBed({ principal });
    const ann = await bed.open("2025-11-25", { "x-user": "ann" });
    const call = await ann.call(1);
    await bed.dispatched(1);
    const answersTo = async (endpoint: TestBed["endpoint"], id: string) => {
      const headers = { "x-user": "bob", "mcp-session-id": id };
      const requests: readonly FakeRequest[] = [
        { body: PING, headers },
        { body: callOf(1), headers },
        { body: INITIALIZED, headers },
        { body: INITIALIZE, headers },
        { method: "GET", headers },
        { method: "GET", headers: { ...headers, "last-event-id": call.cursor } },
        { method: "DELETE", headers },
      ];
      return Promise.all(requests.map(async (request) => seen(await ask(endpoint, request))));
    };
    const toNobody = await answersTo(bed.endpoint, "unknown");
    expect(toNobody.every(({ status }) => status === 404)).toBe(true);
    expect(await answersTo(bed.endpoint, ann.sessionId)).toEqual(toNobody);
    const next = new TestBed({ principal }, bed.control);
    expect(await answersTo(next.endpoint, ann.sessionId)).toEqual(toNobody);
    expect(next.servers).toHaveLength(0);
    (await bed.dispatched(1)).finish("still hers");
    await over(call);
    expect(call.messages).toMatchObject([{ id: 1, result: {} }]);
  });

  it("a cursor of another session of the same caller brings nothing of it", async () => {
    const bed = new TestBed();
    const [one, other] = [await bed.open(), await bed.open()];
    const call = await one.call(1);
    (await bed.dispatched(1)).finish("secret");
    await over(call);
    const resumed = await other.get(call.frames[0]?.id);
    await over(resumed);
    expect(resumed.text).not.toContain("secret");
    expect(resumed.messages).toMatchObject([{ id: 1, error: { code: -31010 } }]);
  });
});

function seen({ status, headers, text }: FakeResponse) {
  return { status, headers, text };
}
