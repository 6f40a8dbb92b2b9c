import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  containersIn,
  isMessage,
  isRequest,
  isResponse,
  type JsonRpcMessage,
  sameJson,
  withoutStrangers,
} from "../src/json-rpc.js";

const RELATED_TASK = "io.modelcontextprotocol/related-task";

const request = { jsonrpc: "2.0", id: 1, method: "m" };

describe("isMessage", () => {
  it.each([
    ["a request", request],
    ["a request with a string id", { ...request, id: "" }],
    ["a request with params", { ...request, params: {} }],
    ["a request with a _meta", { ...request, params: { _meta: { progressToken: 1, x: {} } } }],
    ["a request of a task", { ...request, params: { _meta: { [RELATED_TASK]: { taskId: "t" } } } }],
    ["a notification", { jsonrpc: "2.0", method: "m" }],
    ["a result", { jsonrpc: "2.0", id: 1, result: {} }],
    ["an error", { jsonrpc: "2.0", id: 1, error: { code: 1, message: "" } }],
    ["an error with no id", { jsonrpc: "2.0", error: { code: 1, message: "" } }],
    ["an error with a null id", { jsonrpc: "2.0", id: null, error: { code: 1, message: "" } }],
  ])("takes %s", (_, value) => {
    expect(isMessage(value)).toBe(true);
  });

  it.each([
    ["null", null],
    ["a string", "m"],
    ["an array", [request]],
    ["another version", { ...request, jsonrpc: "1.0" }],
    ["no version", { id: 1, method: "m" }],
    ["a null id", { ...request, id: null }],
    ["an object for an id", { ...request, id: {} }],
    ["an endless id", { ...request, id: Number.POSITIVE_INFINITY }],
    ["a fraction for an id", { ...request, id: 1.5 }],
    ["an integer that cannot be told from its neighbours", { ...request, id: 2 ** 53 }],
    ["a _meta that is no object", { ...request, params: { _meta: 7 } }],
    [
      "a progress token that is neither string nor integer",
      { ...request, params: { _meta: { progressToken: 1.5 } } },
    ],
    ["a task without an id", { ...request, params: { _meta: { [RELATED_TASK]: {} } } }],
    ["a result whose _meta is no object", { jsonrpc: "2.0", id: 1, result: { _meta: null } }],
    ["positional params", { ...request, params: [] }],
    ["null params", { ...request, params: null }],
    ["a method that is no string", { ...request, method: 1 }],
    ["a method and a result", { ...request, result: {} }],
    ["a result that is no object", { jsonrpc: "2.0", id: 1, result: 1 }],
    ["a result without an id", { jsonrpc: "2.0", result: {} }],
    ["a result and an error", { jsonrpc: "2.0", id: 1, result: {}, error: { code: 1, message: "" } }],
    ["an error without a code", { jsonrpc: "2.0", id: 1, error: { message: "" } }],
    ["an error whose code is no integer", { jsonrpc: "2.0", id: 1, error: { code: 0.5, message: "" } }],
    ["nothing but an id", { jsonrpc: "2.0", id: 1 }],
  ])("refuses %s", (_, value) => {
    expect(isMessage(value)).toBe(false);
  });

  it("is not fooled by a prototype", () => {
    expect(isMessage(JSON.parse('{"jsonrpc":"2.0","__proto__":{"method":"m"}}'))).toBe(false);
  });
});

it("tells requests, notifications and responses apart", () => {
  const kinds = [request, { jsonrpc: "2.0", method: "m" }, { jsonrpc: "2.0", id: 1, result: {} }];
  const told = kinds.map((message) => [
    isRequest(message as JsonRpcMessage),
    isResponse(message as JsonRpcMessage),
  ]);
  expect(told).toEqual([
    [true, false],
    [false, false],
    [false, true],
  ]);
});

describe("sameJson", () => {
  it("takes any JSON for the same as its copy with the members in reverse order", () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, item]) => [key, reversed(item)]),
      );
    };
    fc.assert(fc.property(fc.jsonValue(), (value) => sameJson(value, reversed(value))));
  });

  it("agrees with the text, for values whose members are in order", () => {
    const sorted = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(sorted);
      if (typeof value !== "object" || value === null) return value;
      const entries = Object.entries(value).map(([key, item]) => [key, sorted(item)] as const);
      return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
    };
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 }), (a, b) => {
        expect(sameJson(a, b)).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
      }),
    );
  });

  it.each([
    [{ a: 1 }, { a: 1, b: 1 }],
    [{ a: 1 }, { b: 1 }],
    [
      [1, 2],
      [2, 1],
    ],
    [[], {}],
    [null, {}],
    ["1", 1],
  ])("tells %j and %j apart", (a, b) => {
    expect([sameJson(a, b), sameJson(b, a)]).toEqual([false, false]);
  });
});

describe("withoutStrangers", () => {
  it("keeps what JSON-RPC knows, and drops the rest, whatever it is called", () => {
    const text =
      '{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1},"extra":1,"__proto__":{"b":1},"Method":"x"}';
    const cleaned = withoutStrangers(JSON.parse(text));
    expect(JSON.stringify(cleaned)).toBe('{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1}}');
    expect(withoutStrangers(cleaned)).toBe(cleaned);
  });
});

describe("containersIn", () => {
  it.each([
    [1, 0, 0],
    [{}, 0, undefined],
    [[[], {}], 2, 3],
    [[[], { a: [] }], 2, undefined],
    [{ a: { b: { c: null } } }, 3, 3],
  ])("%j in %i levels: %s", (value, levels, count) => {
    expect(containersIn(value, levels)).toBe(count);
  });
});
