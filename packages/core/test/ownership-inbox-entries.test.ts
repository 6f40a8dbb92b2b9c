import { describe, expect, it } from "vitest";
import { controlEvent, parseControl } from "../src/control-events.js";
import { type InboxEntry, parseEntry, postEntry } from "../src/inbox-entries.js";
import type { JsonRpcMessage } from "../src/json-rpc.js";

const CALL = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "tool" } } as const;
const REQUEST = { method: "POST", url: "/mcp?x=1", headers: { host: "a.example", "x-own": "yes" } };
const SECRET = "s3cr3t-t0ken";

const roundTrip = (entry: InboxEntry) => parseEntry(JSON.stringify(entry));

describe("an entry of an inbox", () => {
  it("of a POST comes back as it was written", () => {
    const notification = { jsonrpc: "2.0", method: "x", params: { deep: [{ a: null }] } } as const;
    const messages: JsonRpcMessage[] = [CALL, notification];
    const entry = postEntry("p.x.1", messages, 123, REQUEST);
    expect(entry).toEqual({
      type: "post",
      streamId: "p.x.1",
      messages,
      weight: 123,
      request: REQUEST,
      resourceIsUrl: false,
    });
    expect(roundTrip(entry)).toEqual(entry);
  });

  it("holds of the request what handlers may learn of it, and nothing else", () => {
    const request = { ...REQUEST, secure: true, authInfo: { token: "t" }, readBody: () => {}, socket: {} };
    const { request: kept } = roundTrip(postEntry("p.x.1", [], 0, request)) as ReturnType<typeof postEntry>;
    expect(kept).toEqual({ ...REQUEST, secure: true, authInfo: { token: "t" } });
  });

  it("brings the resource of an authInfo back as the URL that it was, and a string as a string", () => {
    const authInfoOf = (authInfo: unknown) =>
      (roundTrip(postEntry("p.x.1", [], 0, { ...REQUEST, authInfo })) as ReturnType<typeof postEntry>).request
        .authInfo;
    const resource = new URL("https://a.example/mcp?x");
    expect(authInfoOf({ token: "t", resource })).toEqual({ token: "t", resource });
    expect(authInfoOf({ resource: resource.href })).toEqual({ resource: resource.href });
    expect(authInfoOf({ token: "t" })).toEqual({ token: "t" });
    expect([authInfoOf("text"), authInfoOf(null), authInfoOf(undefined)]).toEqual(["text", null, undefined]);
  });

  it.each([
    { type: "follow", streamId: "p.x.1", requestIds: [1, "two"] },
    { type: "follow", streamId: "g", requestIds: [] },
    { type: "delivered", offset: 7 },
  ] as const)("round trip: %j", (entry) => {
    expect(roundTrip({ ...entry } as InboxEntry)).toEqual(entry);
  });

  it.each([
    ["of a kind that nobody knows", { type: "other", token: SECRET }],
    ["without what it needs", { type: "post", streamId: "p.x.1", request: { authInfo: { token: SECRET } } }],
    ["of wrong types", { type: "delivered", offset: SECRET }],
    ["with ids that are none", { type: "follow", streamId: SECRET, requestIds: [{}] }],
    ["that is no object", SECRET],
    ["that is null", null],
  ])("%s is refused, and what it holds is not repeated", (_, entry) => {
    expect(refusalOf(JSON.stringify(entry))).toMatchObject({ code: "STORE_CORRUPT" });
  });

  it.each([
    ["no JSON", `{"token":"${SECRET}`],
    ["no JSON from the start", SECRET],
    [
      "a resource that is no URL",
      JSON.stringify({
        ...postEntry("p.x.1", [], 0, { ...REQUEST, authInfo: { resource: SECRET } }),
        resourceIsUrl: true,
      }),
    ],
  ])("that is %s is refused, and what it holds is not repeated", (_, payload) => {
    expect(refusalOf(payload)).toMatchObject({ code: "STORE_CORRUPT" });
  });

  function refusalOf(payload: string): unknown {
    try {
      parseEntry(payload);
    } catch (error) {
      expect(`${error} ${JSON.stringify(error)} ${(error as Error).stack}`).not.toContain(SECRET.slice(0, 6));
      return error;
    }
    return expect.fail("not refused");
  }
});

describe("a control event", () => {
  it.each([
    { type: "accepted" },
    { type: "joined", streamId: "p.x.1" },
    { type: "refused", code: "TOO_MANY_CALLS", message: "no" },
    { type: "refused", code: "INSUFFICIENT_SCOPE", message: "no", challenge: "Bearer" },
    { type: "disconnect", before: 3 },
    { type: "disconnect", before: 3, retryMs: 60_000 },
    { type: "ownership" },
  ] as const)("of which no later owner needs anything may be trimmed: %j", (control) => {
    const event = controlEvent(control);
    expect([event.kind, event.final ?? false]).toEqual(["control", false]);
    expect(parseControl(event)).toEqual(control);
  });

  it.each([
    { type: "opened", requests: [CALL] },
    { type: "dispatched-again", ids: [1] },
    { type: "cancelled", ids: ["two"] },
  ] as const)("that a later owner needs is kept: %j", (control) => {
    const event = controlEvent({ ...control } as never);
    expect(event.final).toBe(true);
    expect(parseControl(event)).toEqual(control);
  });

  it.each([
    { type: "refused", code: "toString", message: "no" },
    { type: "refused", code: "NO_SUCH_CODE", message: "no" },
    { type: "disconnect" },
    { type: "unknown" },
  ])("is refused if it is none of ours: %j", (control) => {
    expect(() => parseControl({ kind: "control", payload: JSON.stringify(control) })).toThrow(
      /cannot be read/,
    );
  });
});
