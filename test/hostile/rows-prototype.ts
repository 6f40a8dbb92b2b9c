import { ACCEPTED, answered, failed, refused } from "./outcomes.js";
import { bare, post, type Row, rpc, SESSION, toolCall } from "./row.js";

/** Names that a plain object has without having been given them. */
const INHERITED = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "__defineGetter__",
];
const POISON =
  '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1,"hasOwnProperty":1}';
const NO_SESSION = { "Mcp-Session-Id": undefined };

function initialize(query: string, capabilities = "{}"): Pick<Row, "request" | "outcomes"> {
  const params = `{"protocolVersion":"2025-11-25","capabilities":${capabilities},"clientInfo":{"name":"n","version":"1"}}`;
  return {
    request: post(rpc("initialize", params), NO_SESSION, { path: `/mcp${query}` }),
    outcomes: [answered([7])],
  };
}

/** Keys that reach for the prototypes of everything. That these are clean afterwards is looked at after the corpus. */
export const PROTOTYPE_ROWS: readonly Row[] = [
  { name: "poison as parameters", request: post(rpc("ping", POISON)), outcomes: [answered([7])] },
  { name: "poison as _meta", request: post(rpc("ping", `{"_meta":${POISON}}`)), outcomes: [answered([7])] },
  { name: "poison as arguments", request: post(toolCall("test_echo", POISON)), outcomes: [answered([7])] },
  {
    name: "poison as an argument",
    request: post(toolCall("test_echo", `{"said":${POISON}}`)),
    outcomes: [answered([7], ([result]) => JSON.stringify(result).includes("__proto__"))],
  },
  {
    name: "poison as a log level's parameters",
    request: post(rpc("logging/setLevel", `{"level":"info","__proto__":{"polluted":1}}`)),
    outcomes: [answered([7])],
  },
  {
    name: "poison as an answer",
    request: post(`{"jsonrpc":"2.0","id":"1:0","result":${POISON}}`),
    outcomes: [ACCEPTED],
  },
  {
    name: "poison as a notification",
    request: post(`{"jsonrpc":"2.0","method":"notifications/x","params":${POISON}}`),
    outcomes: [ACCEPTED],
  },
  { name: "poison as a whole message", request: post(POISON), outcomes: [refused("INVALID_REQUEST")] },
  {
    name: "a message whose members are its prototype's",
    request: post(`{"__proto__":${rpc("ping")}}`),
    outcomes: [refused("INVALID_REQUEST")],
  },
  {
    name: "initialize with poison as capabilities",
    ...initialize("", `{"experimental":${'{"x":{"__proto__":{"polluted":1}}}'}}`),
  },
  {
    name: "initialize with poison in the query",
    ...initialize(
      "?__proto__=1&constructor=2&__proto__[polluted]=1&constructor.prototype.polluted=1&toString=x",
    ),
  },
  { name: "initialize with a query that is none", ...initialize("?%ff%00&=&&a=b=c?d&%") },
  ...INHERITED.flatMap((name): readonly Row[] => [
    { name: `${name} as a method`, request: post(rpc(name)), outcomes: [failed([7], -32601)] },
    // The SDK's server object says in a result that there is no such tool.
    {
      name: `${name} as a tool`,
      request: post(toolCall(name)),
      outcomes: [answered([7]), failed([7], -32602)],
    },
    {
      name: `${name} as a parameter`,
      request: post(rpc("ping", `{${JSON.stringify(name)}:{"polluted":1}}`)),
      outcomes: [answered([7])],
    },
    {
      name: `${name} as a resource`,
      request: post(rpc("resources/subscribe", JSON.stringify({ uri: name }))),
      outcomes: [answered([7])],
    },
    {
      name: `${name} as a header`,
      request: post(rpc("ping"), { [name]: "polluted" }),
      outcomes: [answered([7])],
    },
    {
      name: `${name} as a session`,
      request: post(rpc("ping"), { "Mcp-Session-Id": name }),
      outcomes: [refused("SESSION_NOT_FOUND", 7)],
    },
    {
      name: `${name} as a protocol version`,
      request: post(rpc("ping"), { "MCP-Protocol-Version": name }),
      outcomes: [refused("UNSUPPORTED_PROTOCOL_VERSION", 7)],
    },
    {
      name: `${name} as a cursor`,
      request: bare("GET", { "Last-Event-ID": name }),
      outcomes: [refused("STREAM_FINISHED")],
    },
    {
      name: `${name} as a principal`,
      request: post(rpc("ping"), { "X-Test-User": name }),
      outcomes: [refused("SESSION_NOT_FOUND", 7)],
    },
    {
      name: `${name} as a content type`,
      request: post(rpc("ping"), { "Content-Type": name }),
      outcomes: [refused("UNSUPPORTED_MEDIA_TYPE")],
    },
    {
      name: `${name} as an origin`,
      request: post(rpc("ping"), { Origin: name }),
      outcomes: [refused("ORIGIN_NOT_ALLOWED")],
    },
    {
      name: `${name} as a progress token`,
      request: post(rpc("ping", `{"_meta":{"progressToken":"${name}"}}`)),
      outcomes: [answered([7])],
    },
  ]),
  {
    name: "a session that is asked for by a trailer",
    request: post(
      rpc("ping"),
      { Trailer: "Mcp-Session-Id", "Mcp-Session-Id": undefined, "Transfer-Encoding": "chunked" },
      { framing: "none" },
    ),
    cut: trailed,
    outcomes: [refused("SESSION_REQUIRED", 7)],
  },
];

/** The body as one chunk, and a trailer after it. */
function trailed(bytes: Buffer): readonly Uint8Array[] {
  const end = bytes.indexOf("\r\n\r\n") + 4;
  const body = bytes.subarray(end);
  const trailer = `\r\n0\r\nMcp-Session-Id: ${SESSION}\r\n__proto__: x\r\n\r\n`;
  return [bytes.subarray(0, end), Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from(trailer)];
}
