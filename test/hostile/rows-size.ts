import { answered, failed, refused, refusedByNode } from "./outcomes.js";
import { post, type Row, rpc, toolCall } from "./row.js";

/** The default bound of a body, in bytes. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** A valid request of exactly so many bytes. */
function pingOf(bytes: number): string {
  const bare = rpc("ping", '{"_meta":{"x":""}}');
  return rpc("ping", `{"_meta":{"x":"${"x".repeat(bytes - bare.length)}"}}`);
}

/**
 * The refusal comes while the body is still on its way. With `Connection: close`, node:http closes the socket then, and
 * what the client has not read yet may be lost: so these connections are kept open.
 */
const KEPT = { Connection: "keep-alive" };
const TOO_LARGE = {
  delivery: { until: (text: string) => text.includes('"code":-32000') && text.endsWith("\r\n0\r\n\r\n") },
  outcomes: [refused("BODY_TOO_LARGE")],
};

/** Bodies around the limit, announced or not, and large parts of messages. */
export const SIZE_ROWS: readonly Row[] = [
  ...(["length", "chunked"] as const).flatMap((framing): readonly Row[] => [
    {
      name: `a body of exactly the limit (${framing})`,
      request: post(pingOf(MAX_BODY_BYTES), {}, { framing }),
      outcomes: [answered([7])],
    },
    {
      name: `a body one byte over the limit (${framing})`,
      request: post(pingOf(MAX_BODY_BYTES + 1), KEPT, { framing }),
      ...TOO_LARGE,
    },
    {
      name: `a body of four times the limit (${framing})`,
      request: post(pingOf(4 * MAX_BODY_BYTES), KEPT, { framing }),
      ...TOO_LARGE,
    },
  ]),
  {
    name: "a body over the limit that is announced and never sent",
    request: post(undefined, { ...KEPT, "Content-Length": String(MAX_BODY_BYTES + 1) }),
    ...TOO_LARGE,
  },
  {
    name: "a body over the limit that first asks whether it may come",
    request: post(undefined, {
      "Content-Length": String(MAX_BODY_BYTES + 1),
      Expect: "100-continue",
      ...KEPT,
    }),
    ...TOO_LARGE,
  },
  {
    name: "a body beyond numbers",
    request: post(undefined, { "Content-Length": "9".repeat(40) }),
    outcomes: [refusedByNode(400)],
  },
  {
    name: "chunk extensions without end",
    request: post(undefined, { "Transfer-Encoding": "chunked" }),
    cut: (bytes) => [bytes, Buffer.from(`5;${"x".repeat(100_000)}\r\n`)],
    outcomes: [refusedByNode(413)],
  },
  {
    name: "a method of a million characters",
    request: post(rpc("m".repeat(1_000_000))),
    outcomes: [failed([7], -32601)],
  },
  {
    name: "a result of a million characters",
    request: post(toolCall("test_echo", `{"said":"${"x".repeat(1_000_000)}"}`)),
    outcomes: [answered([7])],
  },
  {
    name: "100,000 members in _meta",
    request: post(rpc("ping", `{"_meta":{${Array.from({ length: 100_000 }, (_, n) => `"k${n}":${n}`)}}}`)),
    outcomes: [answered([7])],
  },
  {
    name: "a progress token of a million characters",
    request: post(
      rpc(
        "tools/call",
        `{"name":"test_slow","arguments":{"steps":1},"_meta":{"progressToken":"${"t".repeat(1_000_000)}"}}`,
      ),
    ),
    outcomes: [
      { says: "200", matches: (answer) => answer?.status === 200 && answer.body.includes("slow done") },
      // Or no longer than an id may be.
      refused("INVALID_REQUEST"),
    ],
  },
  {
    name: "a subscription of a million characters, more than a session may keep",
    request: post(rpc("resources/subscribe", `{"uri":"test://${"u".repeat(1_000_000)}"}`)),
    outcomes: [failed([7], -31015)],
  },
  {
    name: "a log level with more beside it than a session may keep",
    request: post(rpc("logging/setLevel", `{"level":"error","x":"${"x".repeat(1_000_000)}"}`)),
    outcomes: [failed([7], -31015)],
  },
  {
    name: "initialize with more than a session may keep",
    request: post(
      rpc(
        "initialize",
        `{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"${"n".repeat(1_000_000)}","version":"1"}}`,
      ),
      { "Mcp-Session-Id": undefined },
    ),
    outcomes: [refused("SESSION_TOO_LARGE", 7)],
  },
];
