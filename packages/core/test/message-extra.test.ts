import { describe, expect, it } from "vitest";
import { extraOf } from "../src/message-extra.js";

const extraFor = (host: string | undefined, url = "/mcp?apps=a") =>
  extraOf({ method: "POST", url, headers: { host, "x-chat-id": "c1" }, authInfo: { token: "t" } });

describe("what handlers get to know of the HTTP request", () => {
  it("SDK v1: headers and URL, the URL also where the extra is written as JSON", () => {
    const { requestInfo, authInfo } = extraFor("example.com:8080");
    expect(authInfo).toEqual({ token: "t" });
    expect(requestInfo?.headers["x-chat-id"]).toBe("c1");
    expect(JSON.parse(JSON.stringify(requestInfo)).url).toBe("http://example.com:8080/mcp?apps=a");
  });

  it("SDK v2: a Request without its body, the same one each time", () => {
    const extra = extraFor("example.com");
    const request = extra.request;
    expect([request?.method, request?.url, request?.body]).toEqual([
      "POST",
      "http://example.com/mcp?apps=a",
      null,
    ]);
    expect(request?.headers.get("x-chat-id")).toBe("c1");
    expect(extra.request).toBe(request);
  });

  it("SDK v2 over HTTP/2: its pseudo headers are no headers", () => {
    const headers = { ":authority": "example.com", ":method": "POST", accept: "*/*" };
    const { request } = extraOf({ method: "POST", url: "/mcp", headers });
    expect(request?.url).toBe("http://example.com/mcp");
    expect([...(request?.headers.keys() ?? [])]).toEqual(["accept"]);
  });

  it.each([
    ["no Host", undefined, "/mcp", "http://localhost/mcp"],
    ["a Host with credentials", "user:secret@example.com", "/mcp", "http://example.com/mcp"],
    ["a Host that is none", "[", "/mcp", undefined],
    ["a path that is none", "example.com", "http://[", undefined],
  ])("%s does no harm", (_, host, url, href) => {
    expect(extraFor(host, url).request?.url).toBe(href);
  });
});
