import { answered, NO_ANSWER, type Outcome, refused, refusedByNode } from "./outcomes.js";
import { post, type Row, rpc, SESSION } from "./row.js";

const PING = rpc("ping");
const SERVED = [answered([7])];
const BAD_HTTP = [refusedByNode(400)];
const NOT_FOUND = [refused("SESSION_NOT_FOUND", 7)];

type Changes = Parameters<typeof post>[1];
const row = (name: string, changes: Changes, outcomes: readonly Outcome[]): Row => ({
  name,
  request: post(PING, changes),
  outcomes,
});
/** Headers h0, h1, ... with a value each. */
const flood = (count: number, value: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`h${n}`, value]));

/** Headers: floods, repetitions, contradictions, and values that mean something else to somebody. */
export const HEADER_ROWS: readonly Row[] = [
  row("900 headers", flood(900, "x"), SERVED),
  row("2,000 headers", flood(2_000, "xxxxxxxxxx"), [refusedByNode(431)]),
  row("a header of 20,000 characters", { "X-Long": "x".repeat(20_000) }, [refusedByNode(431)]),
  row("a header's name of 20,000 characters", { ["x".repeat(20_000)]: "x" }, [refusedByNode(431)]),
  row("a session of 10,000 characters", { "Mcp-Session-Id": "x".repeat(10_000) }, NOT_FOUND),
  row("the session twice", { "Mcp-Session-Id": [SESSION, SESSION] }, NOT_FOUND),
  row("two sessions", { "Mcp-Session-Id": [SESSION, "other"] }, NOT_FOUND),
  row("two sessions, the other way round", { "Mcp-Session-Id": ["other", SESSION] }, NOT_FOUND),
  row("the session in two spellings of the name", { "mcp-session-id": SESSION }, NOT_FOUND),
  row("an empty session", { "Mcp-Session-Id": "" }, [refused("SESSION_REQUIRED", 7)]),
  row(
    "a session with white space around it, which HTTP takes away",
    { "Mcp-Session-Id": ` \t ${SESSION} \t` },
    SERVED,
  ),
  row("a session in Latin-1", { "Mcp-Session-Id": `${SESSION}\xe9` }, NOT_FOUND),
  row("a session with a NUL", { "Mcp-Session-Id": `${SESSION}\0` }, BAD_HTTP),
  row("a session on two lines", { "Mcp-Session-Id": `${SESSION}\r\n x` }, [...BAD_HTTP, ...NOT_FOUND]),
  row("a lone carriage return", { "X-A": "a\rb" }, BAD_HTTP),
  row("a header without a name", { "": "x" }, BAD_HTTP),
  row("a space in a header's name", { "X A": "x" }, BAD_HTTP),
  row("two lengths that differ", { "Content-Length": ["10", String(PING.length)] }, BAD_HTTP),
  row("the same length twice", { "Content-Length": String(PING.length) }, BAD_HTTP),
  ...["-1", "+5", "0x10", "1e3", "5, 5", " "].map(
    (length): Row => ({
      name: `a length of ${JSON.stringify(length)}`,
      request: post(PING, { "Content-Length": length }, { framing: "none" }),
      outcomes: [...BAD_HTTP, refused("PARSE_ERROR")],
    }),
  ),
  row("a length and chunks", { "Transfer-Encoding": "chunked" }, BAD_HTTP),
  row("chunks and a length", { "Content-Length": "3", "Transfer-Encoding": "chunked" }, BAD_HTTP),
  ...["identity", "gzip", "chunked, gzip", "chunked, identity", "xchunked"].map(
    (coding): Row => ({
      name: `the transfer coding ${coding}`,
      request: post(PING, { "Transfer-Encoding": coding }, { framing: "none" }),
      outcomes: [...BAD_HTTP, refused("PARSE_ERROR"), NO_ANSWER],
    }),
  ),
  row("the question whether the body may come", { Expect: "100-continue" }, SERVED),
  row("an expectation that nobody knows", { Expect: "a miracle" }, [refusedByNode(417)]),
  row(
    "an upgrade to a WebSocket",
    { Connection: "upgrade, close", Upgrade: "websocket", "Sec-WebSocket-Key": "x" },
    SERVED,
  ),
  row("no host", { Host: undefined }, BAD_HTTP),
  row("two hosts", { Host: ["a", "b"] }, [...BAD_HTTP, ...SERVED]),
  row("a host that is none", { Host: "\\:@[" }, SERVED),

  ...[
    "*/*",
    "application/*, text/*",
    "text/event-stream,application/json",
    'TEXT/EVENT-STREAM;q=0.1, Application/JSON; v="1"',
  ].map((accept) => row(`Accept: ${accept}`, { Accept: accept }, SERVED)),
  ...[
    "",
    ",",
    ";",
    "application/json",
    "text/event-stream",
    "application/jsonx, text/event-stream",
    "*",
    "x".repeat(5_000),
  ].map((accept) => row(`Accept: ${accept.slice(0, 50)}`, { Accept: accept }, [refused("NOT_ACCEPTABLE")])),
  row("Accept twice, half in each", { Accept: ["application/json", "text/event-stream"] }, SERVED),
  ...["application/json;charset=utf-16", "APPLICATION/JSON", " application/json ;"].map((type) =>
    row(`Content-Type: ${type}`, { "Content-Type": type }, SERVED),
  ),
  ...[
    "",
    "text/plain",
    "application/jsonp",
    "application/json, text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=application/json",
    "*/*",
  ].map((type) =>
    row(`Content-Type: ${type}`, { "Content-Type": type }, [refused("UNSUPPORTED_MEDIA_TYPE")]),
  ),
  ...["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"].map((version) =>
    row(`MCP-Protocol-Version: ${version}`, { "MCP-Protocol-Version": version }, SERVED),
  ),
  ...["", "1999-01-01", "9999-12-31", "2025-11-25x", "2025-11-25, 2025-11-25", "\xff", "x".repeat(5_000)].map(
    (version) =>
      row(`MCP-Protocol-Version: ${version.slice(0, 50)}`, { "MCP-Protocol-Version": version }, [
        refused("UNSUPPORTED_PROTOCOL_VERSION", 7),
      ]),
  ),
  row("two protocol versions", { "MCP-Protocol-Version": ["2025-11-25", "2025-06-18"] }, [
    refused("UNSUPPORTED_PROTOCOL_VERSION", 7),
  ]),
  ...["null", "http://evil.test", "http://127.0.0.1", "", "*"].map((origin) =>
    row(`Origin: ${origin}`, { Origin: origin }, [refused("ORIGIN_NOT_ALLOWED")]),
  ),
];
