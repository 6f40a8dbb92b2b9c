import { describe, expect, it } from "vitest";
import { checkAccepts, checkContentType, checkHostAndOrigin, checkProtocolVersion } from "../src/guards.js";
import { parsePayload } from "../src/payload.js";
import { fromWire, fromWireId, toWire, toWireId } from "../src/server-request-ids.js";
import { parseShape, protocolVersionOf, reshape, type SessionShape } from "../src/session-shape.js";
import { messageFrame, primingFrame, retryFrame } from "../src/sse.js";
import { fakeRequest } from "./support/fake-http.js";

describe("SSE frames", () => {
  it.each([
    [messageFrame("g.1.1", '{"a":1}'), 'event: message\nid: g.1.1\ndata: {"a":1}\n\n'],
    [messageFrame(undefined, "{}"), "event: message\ndata: {}\n\n"],
    [primingFrame("g.0.0", 3_000), "id: g.0.0\nretry: 3000\ndata: \n\n"],
    [primingFrame("g.0.0", undefined), "id: g.0.0\ndata: \n\n"],
    [retryFrame(5), "retry: 5\n\n"],
    [retryFrame(undefined), ""],
  ])("%j", (frame, text) => {
    expect(frame).toBe(text);
  });

  it("keep a message on one line, whatever it says", () => {
    const text = JSON.stringify({ data: "one\ntwo\r\n\u2028three\n\ndata: x" });
    expect(messageFrame("g.1.1", text).split("\n")).toHaveLength(5);
  });
});

describe("guards", () => {
  const both = ["application/json", "text/event-stream"];

  it.each([
    "application/json, text/event-stream",
    "text/event-stream;q=0.5,application/json;charset=utf-8",
    "*/*",
    "application/*, text/*",
    "APPLICATION/JSON, Text/Event-Stream",
  ])("Accept: %s lists both", (accept) => {
    expect(() => checkAccepts(accept, both)).not.toThrow();
  });

  it.each([undefined, "", "application/json", "text/*", "application/jsonp, text/event-stream"])(
    "Accept: %s lacks one",
    (accept) => {
      expect(() => checkAccepts(accept, both)).toThrow(expect.objectContaining({ code: "NOT_ACCEPTABLE" }));
    },
  );

  it.each([
    ["application/json", true],
    ["Application/JSON; charset=utf-8", true],
    [undefined, false],
    ["application/json-rpc", false],
    ["text/json", false],
  ])("Content-Type: %s is JSON: %s", (type, isJson) => {
    if (isJson) expect(() => checkContentType(type)).not.toThrow();
    else
      expect(() => checkContentType(type)).toThrow(
        expect.objectContaining({ code: "UNSUPPORTED_MEDIA_TYPE" }),
      );
  });

  it.each([
    ["localhost", true],
    ["LOCALHOST:3000", true],
    ["[::1]:3000", true],
    ["[::1]", true],
    ["localhost.evil.test", false],
    ["evil.test:3000", false],
    ["", false],
    [undefined, false],
  ])("Host: %s is allowed: %s", (host, allowed) => {
    const check = () => checkHostAndOrigin({ host }, ["localhost", "[::1]"], []);
    if (allowed) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code: "HOST_NOT_ALLOWED" }));
  });

  it("takes HTTP/2's :authority for the host, and any host where none is named", () => {
    expect(() => checkHostAndOrigin({ ":authority": "localhost:1" }, ["localhost"], [])).not.toThrow();
    expect(() => checkHostAndOrigin({}, undefined, [])).not.toThrow();
  });

  it.each([
    [undefined, [], true],
    ["http://a.test", ["http://a.test"], true],
    ["http://a.test", ["*"], true],
    ["http://a.test", [], false],
    ["http://a.test:8080", ["http://a.test"], false],
    ["null", ["http://a.test"], false],
  ])("Origin: %s with %j is allowed: %s", (origin, allowedOrigins, allowed) => {
    const check = () => checkHostAndOrigin({ origin }, undefined, allowedOrigins);
    if (allowed) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code: "ORIGIN_NOT_ALLOWED" }));
  });

  it.each(["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", undefined])(
    "version %s is spoken",
    (version) => {
      expect(() => checkProtocolVersion(version)).not.toThrow();
    },
  );

  it.each(["2026-07-28", "", "2025-11-26"])("version %j is not", (version) => {
    expect(() => checkProtocolVersion(version)).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED_PROTOCOL_VERSION" }),
    );
  });
});

describe("parsePayload", () => {
  const ping = { jsonrpc: "2.0", id: 1, method: "ping" };
  const limits = { maxBodyBytes: 1_000_000, invalidMessages: "invalid-request" } as const;
  const parse = (body: unknown) => parsePayload(fakeRequest({ body }), limits);

  it("reads one message, a batch, and what somebody has parsed already", async () => {
    expect(await parse(ping)).toMatchObject({ messages: [ping], batch: false });
    expect(await parse([ping])).toMatchObject({ messages: [ping], batch: true });
    const parsed = fakeRequest({ read: { outcome: "parsed", value: ping } });
    expect(await parsePayload(parsed, limits)).toMatchObject({ messages: [ping], batch: false });
    expect(await parsePayload(fakeRequest({ read: { outcome: "aborted" } }), limits)).toBeUndefined();
  });

  it.each([
    ["no JSON", "{", "PARSE_ERROR"],
    ["nothing", "", "PARSE_ERROR"],
    ["an empty batch", [], "INVALID_REQUEST"],
    ["a batch with one bad message", [ping, 1], "INVALID_REQUEST"],
    ["a batch of 101", Array(101).fill(ping), "INVALID_REQUEST"],
  ])("refuses %s", async (_, body, code) => {
    await expect(parse(body)).rejects.toMatchObject({ code });
  });

  it("G7: weighs what a body takes in memory, not in characters", async () => {
    const light = (await parse({ ...ping, params: { a: "{}".repeat(5_000) } }))?.weight ?? 0;
    const heavy = (await parse({ ...ping, params: { a: Array(5_000).fill({}) } }))?.weight ?? 0;
    expect(light).toBeLessThan(20_000);
    expect(heavy).toBeGreaterThan(300_000);
  });

  it("takes a batch of 100", async () => {
    expect((await parse(Array(100).fill(ping)))?.messages).toHaveLength(100);
  });
});

describe("ids of the server's own requests", () => {
  it.each([0, 7, -1, 1.5, "a", "", "1:2", 'with "quotes" and \n'])(
    "%j travels under its fence and comes back",
    (id) => {
      expect(fromWireId(toWireId(3, id))).toEqual({ fence: 3, id });
    },
  );

  it.each([undefined, null, 1, "", "1", "1:", ":1", "0:1", "x:1", "1:{}", "1:null", "1:x"])(
    "%j is none",
    (wireId) => {
      expect(fromWireId(wireId)).toBeUndefined();
    },
  );

  it("are put on requests, their progress tokens and their cancellations, and on nothing else", () => {
    const asked = {
      jsonrpc: "2.0",
      id: 4,
      method: "m",
      params: { a: 1, _meta: { progressToken: 4, b: 2 } },
    } as const;
    expect(toWire(asked, 2)).toEqual({
      ...asked,
      id: "2:4",
      params: { a: 1, _meta: { progressToken: "2:4", b: 2 } },
    });
    const cancelled = {
      jsonrpc: "2.0",
      method: "notifications/cancelled",
      params: { requestId: 4 },
    } as const;
    expect(toWire(cancelled, 2)).toMatchObject({ params: { requestId: "2:4" } });
    const others = [
      { jsonrpc: "2.0", id: 1, result: {} },
      { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: 1, progress: 2 } },
    ] as const;
    for (const other of others) expect(toWire(other, 2)).toBe(other);
  });

  it("are taken off what the client says; what is meant for an earlier server object goes nowhere", () => {
    const answer = (id: string | number) => ({ jsonrpc: "2.0", id, result: {} }) as const;
    expect(fromWire(answer("2:4"), 2)).toEqual(answer(4));
    for (const id of ["1:4", 4, "4"]) expect(fromWire(answer(id), 2)).toBeUndefined();
    expect(fromWire({ jsonrpc: "2.0", error: { code: 1, message: "" } }, 2)).toBeUndefined();
    const progress = (progressToken: unknown) =>
      ({ jsonrpc: "2.0", method: "notifications/progress", params: { progressToken, progress: 1 } }) as const;
    expect(fromWire(progress("2:4"), 2)).toEqual(progress(4));
    for (const token of ["1:4", 4]) expect(fromWire(progress(token), 2)).toBeUndefined();
    const call = { jsonrpc: "2.0", id: 1, method: "m", params: { _meta: { progressToken: 1 } } } as const;
    expect(fromWire(call, 2)).toBe(call);
  });
});

describe("the shape of a session", () => {
  const shape: SessionShape = {
    initialize: { protocolVersion: "2025-11-25" },
    initialized: false,
    subscriptions: ["a", "b"],
    asked: [],
    delivered: 0,
    query: {},
    headers: {},
  };
  const ask = (method: string, params?: Record<string, unknown>, result = {}) =>
    reshape(shape, { jsonrpc: "2.0", id: 1, method, params }, result);

  it.each([
    ["initialize", {}, { initializeResult: { protocolVersion: "2025-06-18" } }],
    ["logging/setLevel", { level: "error" }, { logLevel: { level: "error" } }],
    ["resources/subscribe", { uri: "c" }, { subscriptions: ["a", "b", "c"] }],
    ["resources/unsubscribe", { uri: "a" }, { subscriptions: ["b"] }],
  ])("%s changes it", (method, params, change) => {
    expect(ask(method, params, { protocolVersion: "2025-06-18" })).toEqual({ ...shape, ...change });
  });

  it.each([
    ["resources/subscribe", { uri: "a" }],
    ["resources/subscribe", {}],
    ["resources/unsubscribe", { uri: "c" }],
    ["resources/unsubscribe", undefined],
    ["tools/call", { uri: "c" }],
  ])("%s of %j changes nothing", (method, params) => {
    expect(ask(method, params)).toBeUndefined();
  });

  it("knows the negotiated version, and before that the one asked for", () => {
    expect(protocolVersionOf(shape)).toBe("2025-11-25");
    expect(protocolVersionOf({ ...shape, initializeResult: { protocolVersion: "2025-03-26" } })).toBe(
      "2025-03-26",
    );
    expect(protocolVersionOf({ ...shape, initialize: {} })).toBe("");
  });

  it("is read back from the store, or refused with what is wrong", () => {
    expect(parseShape(shape)).toEqual(shape);
    expect(() => parseShape({ ...shape, asked: 1 })).toThrow(
      expect.objectContaining({ code: "STORE_CORRUPT" }),
    );
    expect(() => parseShape({ ...shape, asked: 1 })).toThrow(/asked/);
  });
});
