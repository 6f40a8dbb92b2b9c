import {
  answered,
  DELETED,
  NO_ANSWER,
  OTHER_PATH,
  refused,
  refusedByNode,
  SILENT_STREAM,
} from "./outcomes.js";
import { bare, post, type Row, rpc } from "./row.js";

const PING = rpc("ping");
const SERVED = [answered([7])];
const BAD_HTTP = [refusedByNode(400)];
/** A GET stream does not end: the request is over when its first event is here. */
const FOLLOWED = {
  delivery: { until: (text: string) => text.includes("retry: ") },
  outcomes: [SILENT_STREAM],
};

/** Methods, paths and versions of HTTP, and bodies where none belongs. */
export const HTTP_ROWS: readonly Row[] = [
  ...["PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "M-SEARCH", "LOCK", "PURGE"].map(
    (method): Row => ({
      name: `the method ${method}`,
      request: bare(method),
      outcomes: [refused("METHOD_NOT_ALLOWED")],
    }),
  ),
  {
    name: "HEAD",
    request: bare("HEAD"),
    outcomes: [{ says: "405", matches: (answer) => answer?.status === 405 && answer.body === "" }],
  },
  ...["post", "FOO", "GE T", "G".repeat(10_000), "", "\0"].map(
    (method): Row => ({
      name: `the method ${JSON.stringify(method).slice(0, 50)}`,
      request: bare(method),
      outcomes: [refusedByNode(400, 431)],
    }),
  ),
  { name: "CONNECT", request: bare("CONNECT", {}, { path: "127.0.0.1:80" }), outcomes: [NO_ANSWER] },
  {
    name: "the preface of HTTP/2",
    request: bare("PRI", {}, { path: "*", version: "2.0" }),
    outcomes: [refusedByNode(400)],
  },
  { name: "HTTP/1.0", request: post(PING, {}, { version: "1.0" }), outcomes: SERVED },
  { name: "HTTP/0.9", request: post(PING, {}, { version: "0.9" }), outcomes: [...BAD_HTTP, ...SERVED] },
  { name: "HTTP/9.9", request: post(PING, {}, { version: "9.9" }), outcomes: BAD_HTTP },
  ...["/mcp/", "//mcp", "/mcp/../mcp", "/mcp%00", "/MCP", "http://evil.test/mcp", "*", "/"].map(
    (path): Row => ({
      name: `the path ${path}`,
      request: post(PING, {}, { path }),
      outcomes: [OTHER_PATH],
    }),
  ),
  ...["/mcp?", `/mcp?${"x".repeat(10_000)}`, "/mcp?\\..\\"].map(
    (path): Row => ({
      name: `the path ${path.slice(0, 50)}`,
      request: post(PING, {}, { path }),
      outcomes: SERVED,
    }),
  ),

  { name: "a path beyond ASCII", request: post(PING, {}, { path: "/mcp?x=\xff" }), outcomes: BAD_HTTP },
  { name: "GET", request: bare("GET"), ...FOLLOWED },
  { name: "GET with a body", request: bare("GET", {}, { body: PING }), ...FOLLOWED },
  { name: "GET with an empty cursor", request: bare("GET", { "Last-Event-ID": "" }), ...FOLLOWED },
  { name: "GET on HTTP/1.0", request: bare("GET", {}, { version: "1.0" }), ...FOLLOWED },
  ...[
    ["g.0.0", "g.0.0"],
    ["g.0.0", ""],
    ["x".repeat(10_000)],
    ["\xe9"],
    ["g.0.0\xa0"],
    ["g.0.0,"],
    ["%67.0.0"],
  ].map(
    (cursors): Row => ({
      name: `GET with the cursor ${cursors.join(" and ").slice(0, 50)}`,
      request: bare("GET", { "Last-Event-ID": cursors }),
      outcomes: [refused("STREAM_FINISHED")],
    }),
  ),
  {
    name: "GET with a cursor and a NUL",
    request: bare("GET", { "Last-Event-ID": "g.0.0\0" }),
    outcomes: BAD_HTTP,
  },
  { name: "DELETE with a body", request: bare("DELETE", {}, { body: PING }), outcomes: [DELETED] },
  {
    name: "DELETE with a body without end",
    request: bare("DELETE", { "Content-Length": "1000" }),
    outcomes: [DELETED],
  },
];
