import { afterEach, describe, expect, it } from "vitest";
import { saidIn } from "./sse-body.js";
import { WebEndpoint } from "./web-endpoint.js";
import { initialize, ping, toolCall, webRequest } from "./web-request.js";

let served: WebEndpoint;
afterEach(() => served.endpoint.close());

describe("What a request says of itself", () => {
  it.each([
    { url: "https://mcp.example/a/mcp?x=1", seen: "https://mcp.example/a/mcp?x=1" },
    { url: "http://mcp.example:8080/mcp", seen: "http://mcp.example:8080/mcp" },
    { url: "http://[::1]:8080/mcp", seen: "http://[::1]:8080/mcp" },
    { url: "https://mcp.example:443/mcp#part", seen: "https://mcp.example/mcp" },
    { url: "http://mcp.example/mcp", host: "other.example:81", seen: "http://other.example:81/mcp" },
  ])(
    "is its URL, with the Host header in the URL's place where the runtime hands it on: $url, $host",
    async ({ url, host, seen }) => {
      served = new WebEndpoint();
      const { headers, commanded } = await served.open();
      const more = host === undefined ? headers : { ...headers, host };
      const response = await served.handle(webRequest("POST", toolCall(1), { headers: more, url }));
      const { extra, finish } = await commanded.call(1).then((call) => ({
        extra: call.extra,
        finish: () => call.finish("done"),
      }));
      expect(extra.requestInfo?.url?.href).toBe(seen);
      expect(extra.requestInfo?.headers).toMatchObject({ host: new URL(seen).host, ...headers });
      finish();
      await response.text();
    },
  );

  it.each([
    { url: "http://mcp.example/mcp", status: 200 },
    { url: "http://mcp.example:8080/mcp", status: 200 },
    { url: "https://MCP.example/mcp", status: 200 },
    { url: "http://evil.example/mcp", status: 403 },
    { url: "http://mcp.example/mcp", host: "evil.example", status: 403 },
    { url: "http://evil.example/mcp", host: "mcp.example", status: 200 },
  ])("is the host that allowedHosts is about: $url, Host $host: $status", async ({ url, host, status }) => {
    served = new WebEndpoint({ allowedHosts: ["mcp.example"] });
    const headers: Record<string, string> = host === undefined ? {} : { host };
    const response = await served.handle(webRequest("POST", initialize(), { url, headers }));
    expect(response.status).toBe(status);
    await response.text();
  });

  it("is who authenticated, of each request its own, and only to that request's handler", async () => {
    served = new WebEndpoint({ principal: () => ({ issuer: "test", subject: "ada", client: "c" }) });
    const { headers, commanded } = await served.open();
    for (const [index, token] of ["one", "two", undefined].entries()) {
      const authInfo = token === undefined ? undefined : { token, clientId: "c", scopes: [] };
      const request = webRequest("POST", toolCall(index), { headers });
      const response = await served.handle(request, { authInfo });
      const call = await commanded.call(index + 1);
      expect(call.extra.authInfo).toEqual(authInfo);
      call.finish("done");
      await response.text();
    }
  });

  it("may be a copy, as middleware makes it", async () => {
    served = new WebEndpoint();
    const { headers } = await served.open();
    const original = webRequest("POST", toolCall(1, "echo", { text: "copied" }), { headers });
    expect(saidIn(await (await served.handle(new Request(original))).text())).toEqual(["copied"]);
    const cloned = webRequest("POST", toolCall(2, "echo", { text: "cloned" }), { headers });
    const clone = cloned.clone();
    for (const one of [clone, cloned])
      expect(saidIn(await (await served.handle(one)).text())).toEqual(["cloned"]);
  });
});

describe("A response", () => {
  it("has no body where there is nothing to say: 202, 204 and the 200 of a DELETE", async () => {
    served = new WebEndpoint({ allowedOrigins: ["https://page.example"] });
    const { headers } = await served.open();
    const origin = "https://page.example";
    for (const [status, request] of [
      [202, webRequest("POST", { jsonrpc: "2.0", method: "notifications/initialized" }, { headers })],
      [
        204,
        webRequest("OPTIONS", undefined, { headers: { origin, "access-control-request-method": "POST" } }),
      ],
      [200, webRequest("DELETE", undefined, { headers })],
    ] as const) {
      const response = await served.handle(request);
      expect([response.status, response.body]).toEqual([status, null]);
      expect(response.headers.has("content-type")).toBe(false);
    }
  });

  it("to HEAD is the refusal of a method, and no stream that nobody would read", async () => {
    served = new WebEndpoint();
    const { headers } = await served.open();
    const response = await served.handle(webRequest("HEAD", undefined, { headers }));
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, POST, DELETE"]);
    // As frameworks answer HEAD: everything but the body.
    const { status, headers: answered } = response;
    expect(new Response(null, { status, headers: answered }).body).toBeNull();
    expect(served.endpoint.stats().connections).toBe(0);
  });

  it("can be copied with other headers, as middleware does, and streams all the same", async () => {
    served = new WebEndpoint();
    const { headers } = await served.open();
    const request = webRequest("POST", toolCall(1, "echo", { text: "hi" }), { headers });
    const response = await served.handle(request);
    response.headers.set("x-own", "1");
    const copy = new Response(response.body, response);
    expect(copy.headers.get("x-own")).toBe("1");
    expect(copy.headers.get("content-type")).toBe("text/event-stream");
    expect(saidIn(await copy.text())).toEqual(["hi"]);
  });

  it("is there for every kind of request after the endpoint was closed", async () => {
    served = new WebEndpoint();
    const { headers } = await served.open();
    await served.endpoint.close();
    for (const request of [
      webRequest("POST", ping(1), { headers }),
      webRequest("GET", undefined, { headers }),
      webRequest("POST", initialize()),
    ]) {
      expect((await served.handle(request)).status).toBe(503);
    }
  });
});
