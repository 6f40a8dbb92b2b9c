import { ACCEPTED, answered, failed, refused } from "./outcomes.js";
import { post, type Row, rpc, SESSION, toolCall } from "./row.js";
import { messagesOf } from "./sse-rules.js";

const INVALID = [refused("INVALID_REQUEST")];
const NO_SESSION = { "Mcp-Session-Id": undefined };

/** JSON that is no JSON-RPC message as MCP defines it. */
const NOT_MESSAGES: readonly string[] = [
  "null",
  "true",
  "7",
  '"ping"',
  "{}",
  '{"jsonrpc":"1.0","id":7,"method":"ping"}',
  '{"jsonrpc":2.0,"id":7,"method":"ping"}',
  '{"id":7,"method":"ping"}',
  '{"jsonrpc":"2.0","id":7}',
  ...["7", "null", "[]", "{}", "true"].map((method) => `{"jsonrpc":"2.0","id":7,"method":${method}}`),
  ...["7", "null", "[]", '"x"'].map((params) => rpc("ping", params)),
  '{"jsonrpc":"2.0","id":7,"method":"ping","result":{}}',
  '{"jsonrpc":"2.0","id":7,"method":"ping","error":{"code":1,"message":"m"}}',
  '{"jsonrpc":"2.0","id":7,"result":{},"error":{"code":1,"message":"m"}}',
  ...["7", "null", "[]", '"x"'].map((result) => `{"jsonrpc":"2.0","id":7,"result":${result}}`),
  '{"jsonrpc":"2.0","result":{}}',
  ...["7", "null", "[]", "{}", '{"code":1}', '{"code":"1","message":"m"}', '{"code":1.5,"message":"m"}'].map(
    (error) => `{"jsonrpc":"2.0","id":7,"error":${error}}`,
  ),
  // What the SDKs' server objects do not take for a message either: nobody would ever answer it.
  ...["7", "null", "[]", '"x"'].map((meta) => rpc("ping", `{"_meta":${meta}}`)),
  ...["1.5", "null", "{}", "[1]", "true", "1e308"].map((token) =>
    rpc("ping", `{"_meta":{"progressToken":${token}}}`),
  ),
  ...["7", "{}", '{"taskId":7}'].map((task) =>
    rpc("ping", `{"_meta":{"io.modelcontextprotocol/related-task":${task}}}`),
  ),
];

/** Initialize requests that no server object takes for one. */
const NOT_INITIALIZE: readonly string[] = [
  rpc("initialize", "{}", "1.5"),
  rpc("initialize", "[]"),
  rpc(
    "initialize",
    '{"_meta":7,"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"n","version":"1"}}',
  ),
];

const ASKED_OF_NOBODY = [
  "1:0",
  "1:1",
  "0:0",
  "2:0",
  "-1:0",
  "1:",
  "1:x",
  '1:"0"',
  "1:[0]",
  "01:0",
  " 1:0",
  "",
  "replay:0",
  `${"9".repeat(400)}:0`,
];

/** Messages that are wrong in themselves, or right and meant for nobody. */
export const MESSAGE_ROWS: readonly Row[] = [
  ...NOT_MESSAGES.map((body): Row => ({ name: body, request: post(body), outcomes: INVALID })),
  ...NOT_INITIALIZE.map((body): Row => ({ name: body, request: post(body, NO_SESSION), outcomes: INVALID })),
  ...["extra", "__proto__", "Method", "params2"].map(
    (member): Row => ({
      name: `a member that JSON-RPC does not know: ${member}`,
      request: post(`{"jsonrpc":"2.0","id":7,"method":"ping","${member}":{"x":1}}`),
      outcomes: [answered([7]), ...INVALID],
    }),
  ),
  {
    name: "a member twice: the last one counts",
    request: post('{"jsonrpc":"2.0","id":1,"method":"nothing","id":7,"method":"ping"}'),
    outcomes: [answered([7])],
  },
  ...ASKED_OF_NOBODY.flatMap((id): readonly Row[] =>
    [`"result":{"x":1}`, `"error":{"code":1,"message":"m"}`].map((answer) => ({
      name: `an answer to what was never asked: ${id.slice(0, 20)} ${answer}`,
      request: post(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},${answer}}`),
      outcomes: [ACCEPTED],
    })),
  ),
  ...[
    '"id":0,"result":{}',
    '"id":null,"error":{"code":1,"message":"m"}',
    '"error":{"code":1,"message":"m"}',
  ].map(
    (rest): Row => ({
      name: `an answer to nothing: ${rest}`,
      request: post(`{"jsonrpc":"2.0",${rest}}`),
      outcomes: [ACCEPTED],
    }),
  ),
  ...[
    '{"requestId":1.5}',
    '{"requestId":{}}',
    '{"requestId":null}',
    "{}",
    '{"requestId":"nobody"}',
    '{"requestId":"1:0"}',
    '{"requestId":""}',
    '{"requestId":1e999}',
  ].map(
    (params): Row => ({
      name: `a cancellation of nothing: ${params}`,
      request: post(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":${params}}`),
      outcomes: [ACCEPTED],
    }),
  ),
  ...['"1:0"', "0", '"x"', "null", "{}", '"\\n\\ndata: x"'].map(
    (token): Row => ({
      name: `progress of nothing: ${token}`,
      request: post(
        `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"progress":1}}`,
      ),
      outcomes: [ACCEPTED],
    }),
  ),
  ...["notifications/initialized", "notifications/nothing", "__proto__", "", "\n\ndata: x"].map(
    (method): Row => ({
      name: `the notification ${JSON.stringify(method)}`,
      request: post(`{"jsonrpc":"2.0","method":${JSON.stringify(method)}}`),
      outcomes: [ACCEPTED],
    }),
  ),
  {
    name: "a notification with a million characters",
    request: post(`{"jsonrpc":"2.0","method":"notifications/x","params":{"x":"${"x".repeat(1_000_000)}"}}`),
    outcomes: [ACCEPTED],
  },
  {
    name: "initialize on a live session",
    request: post(rpc("initialize")),
    outcomes: [refused("INVALID_REQUEST", 7)],
  },
  {
    name: "initialize without parameters",
    request: post('{"jsonrpc":"2.0","id":7,"method":"initialize"}', NO_SESSION),
    outcomes: [failed([7], -32603)],
  },
  {
    name: "a request without a session",
    request: post(rpc("ping"), NO_SESSION),
    outcomes: [refused("SESSION_REQUIRED", 7)],
  },
  {
    name: "a method that breaks out of an event",
    request: post(rpc("x\n\ndata: {}\n\n")),
    outcomes: [failed([7], -32601)],
  },
  {
    name: "an error whose text breaks out of an event",
    request: post(rpc("test/fail", '{"message":"\\n\\nid: g.0.9\\ndata: {}\\n\\n\\r\\rdata: x"}')),
    outcomes: [failed([7], -32050)],
  },
  {
    name: "a tool that is none, and breaks out of an event",
    request: post(toolCall("\n\ndata: x")),
    outcomes: [answered([7])],
  },
  ...["\n\ndata: {}\n\n", "\r\r", "\nid: g.9.9", "\u2028"].map(
    (token): Row => ({
      name: `a progress token that breaks out of an event: ${JSON.stringify(token)}`,
      request: post(
        rpc(
          "tools/call",
          JSON.stringify({ name: "test_slow", arguments: { steps: 2 }, _meta: { progressToken: token } }),
        ),
      ),
      outcomes: [
        {
          says: "progress with that token, twice, and a result",
          matches: (answer) => {
            const messages = messagesOf(answer?.body ?? "");
            const told = messages.filter(({ params }) => params?.progressToken === token);
            return told.length === 2 && messages.length === 3 && messages[2]?.result !== undefined;
          },
        },
      ],
    }),
  ),
  {
    name: "a session of its own choice",
    request: post(rpc("ping"), { "Mcp-Session-Id": `${SESSION}x` }),
    outcomes: [refused("SESSION_NOT_FOUND", 7)],
  },
];
