import { describe, expect, it } from "vitest";
import { createMcpEndpoint, type McpEndpointOptions } from "../src/index.js";
import { openingOf } from "../src/opening-request.js";
import { parseOptions } from "../src/options.js";
import { ControlledStore } from "./support/controlled-store.js";
import { fakeRequest } from "./support/fake-http.js";

const { store } = new ControlledStore();
const createServer = () => ({ connect: async () => {}, close: async () => {} });
const minimal = { store, createServer };

describe("options", () => {
  it.each([
    [{}, /createServer/],
    [{ createServer }, /store/],
    [{ ...minimal, createServer: 1 }, /options\.createServer: expected a function/],
    [{ ...minimal, idleTtlMs: 0 }, /idleTtlMs/],
    [{ ...minimal, idleTtlMs: "1h" }, /idleTtlMs/],
    [{ ...minimal, maxBodyBytes: 1.5 }, /maxBodyBytes/],
    [{ ...minimal, idleTtl: 5 }, /idleTtl/],
    [{ ...minimal, allowedHosts: "localhost" }, /allowedHosts/],
    [{ ...minimal, storedHeaders: ["x-a", "Authorization"] }, /options\.storedHeaders\.1: .*credentials/],
    [{ ...minimal, storedHeaders: ["cookie"] }, /storedHeaders/],
    [{ ...minimal, logger: 1 }, /options\.logger: expected \{ info, warn, error \}/],
    [{ ...minimal, logger: { warn() {}, error() {} } }, /options\.logger/],
    [{ ...minimal, store: { log: {} } }, /options\.store: expected a store/],
    [
      { ...minimal, allowedHosts: ["localhost:3000"] },
      /options\.allowedHosts\.0: expected a host name without port/,
    ],
    [{ ...minimal, allowedOrigins: ["http://x.com/"] }, /options\.allowedOrigins\.0: expected an origin/],
    [{ ...minimal, idleTtl: 5, maxCalls: 5 }, /options\.idleTtl: unknown option; options\.maxCalls: unknown/],
  ])("%#: a wrong one is a TypeError that names it", (options, message) => {
    const create = () => createMcpEndpoint(options as McpEndpointOptions);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });

  it("have safe defaults", () => {
    expect(parseOptions(minimal)).toMatchObject({
      allowedOrigins: [],
      storedHeaders: [],
      enableJsonResponse: false,
      idleTtlMs: 3_600_000,
      maxSessionsPerPrincipal: 1_000,
      maxSessions: 10_000,
      maxBodyBytes: 4_194_304,
      keepAliveMs: 15_000,
      retryMs: 3_000,
    });
  });

  it("keep of the opening request its query and the allowed headers", () => {
    const headers = { "x-chat-id": "c", authorization: "secret", cookie: "secret" };
    const request = fakeRequest({ url: "/mcp?apps=a%2Cb&mode=dynamic?x", headers, body: {} });
    expect(openingOf(request, ["x-chat-id", "x-missing"])).toEqual({
      query: { apps: "a,b", mode: "dynamic?x" },
      headers: { "x-chat-id": "c" },
    });
    expect(openingOf(fakeRequest({ url: "/mcp", body: {} }), [])).toEqual({ query: {}, headers: {} });
  });
});
