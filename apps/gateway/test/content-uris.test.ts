import { describe, expect, test } from "vitest";
import { mapMessages, mapResultUris } from "../src/content-uris.js";

const upper = (uri: string) => uri.toUpperCase();

describe("URIs inside results", () => {
  test.each([
    [
      "tools/call",
      {
        content: [
          { type: "resource_link", uri: "a:b", own: 1 },
          { type: "text", text: "a:b" },
        ],
        own: 2,
      },
      {
        content: [
          { type: "resource_link", uri: "A:B", own: 1 },
          { type: "text", text: "a:b" },
        ],
        own: 2,
      },
    ],
    [
      "tools/call",
      {
        content: [{ type: "resource", resource: { uri: "a:b", text: "x" } }],
        structuredContent: { uri: "a:b" },
      },
      {
        content: [{ type: "resource", resource: { uri: "A:B", text: "x" } }],
        structuredContent: { uri: "a:b" },
      },
    ],
    [
      "prompts/get",
      { messages: [{ role: "user", content: { type: "resource_link", uri: "a:b" } }] },
      { messages: [{ role: "user", content: { type: "resource_link", uri: "A:B" } }] },
    ],
    ["resources/read", { contents: [{ uri: "a:b", text: "" }] }, { contents: [{ uri: "A:B", text: "" }] }],
    ["completion/complete", { completion: { values: ["a:b"] } }, { completion: { values: ["a:b"] } }],
    ["tools/call", { task: {} }, { task: {} }],
    [
      "tools/call",
      { content: ["odd", null, 7, { type: "resource" }] },
      { content: ["odd", null, 7, { type: "resource" }] },
    ],
    ["resources/read", { contents: "odd" }, { contents: "odd" }],
    [
      "prompts/get",
      { messages: [null, { role: "user" }] },
      { messages: [null, { role: "user", content: undefined }] },
    ],
  ])("%s %j", (method, result, expected) => {
    const before = structuredClone(result);
    expect(mapResultUris(method, result, upper)).toEqual(expected);
    expect(result).toEqual(before);
  });

  test("reaches into the tool results of a sampling request", () => {
    const content = [
      { type: "tool_result", toolUseId: "1", content: [{ type: "resource_link", uri: "a:b" }] },
    ];
    expect(mapMessages([{ role: "user", content }], upper)).toEqual([
      { role: "user", content: [{ ...content[0], content: [{ type: "resource_link", uri: "A:B" }] }] },
    ]);
  });
});
