import { ACCEPTED, answered, failed, type Outcome, refused } from "./outcomes.js";
import { post, type Row, rpc, toolCall } from "./row.js";

const LEVELS = 100_000;

const ARRAYS = `${"[".repeat(LEVELS)}${"]".repeat(LEVELS)}`;
const OBJECTS = `${'{"a":'.repeat(LEVELS)}1${"}".repeat(LEVELS)}`;

const REFUSED = refused("INVALID_REQUEST");
/** Served like any other, or refused: never a fault of the server, never silence. */
const SERVED = [answered([7]), REFUSED];
const TAKEN = [ACCEPTED, REFUSED];
const NO_SESSION = { "Mcp-Session-Id": undefined };

/** A place in a message for something deep, and what may come of it. */
type Place = readonly [name: string, body: (deep: string) => string, outcomes: readonly Outcome[]];

const PLACES: readonly Place[] = [
  ["parameters", (deep) => rpc("ping", `{"x":${deep}}`), SERVED],
  ["_meta", (deep) => rpc("ping", `{"_meta":{"x":${deep}}}`), SERVED],
  ["a tool's arguments", (deep) => toolCall("test_echo", `{"said":${deep}}`), SERVED],
  [
    "a log level's parameters",
    (deep) => rpc("logging/setLevel", `{"level":"info","x":${deep}}`),
    [...SERVED, failed([7], -31015)],
  ],
  [
    "a subscription's parameters",
    (deep) => rpc("resources/subscribe", `{"uri":"test://x","x":${deep}}`),
    SERVED,
  ],
  ["an id", (deep) => rpc("ping", "{}", deep), [REFUSED]],
  ["a member that nobody knows", (deep) => `{"jsonrpc":"2.0","id":7,"method":"ping","x":${deep}}`, SERVED],
  ["a method", (deep) => `{"jsonrpc":"2.0","id":7,"method":${deep}}`, [REFUSED]],
  ["a whole body", (deep) => deep, [REFUSED]],
  ["a result", (deep) => `{"jsonrpc":"2.0","id":"1:99","result":{"x":${deep}}}`, TAKEN],
  [
    "an error's data",
    (deep) => `{"jsonrpc":"2.0","id":"1:99","error":{"code":1,"message":"m","data":${deep}}}`,
    TAKEN,
  ],
  ["a notification", (deep) => `{"jsonrpc":"2.0","method":"notifications/x","params":{"x":${deep}}}`, TAKEN],
  [
    "a notification's unknown member",
    (deep) => `{"jsonrpc":"2.0","method":"notifications/initialized","x":${deep}}`,
    TAKEN,
  ],
  [
    "progress",
    (deep) =>
      `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"1:0","progress":${deep}}}`,
    TAKEN,
  ],
  [
    "a cancelled id",
    (deep) => `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${deep}}}`,
    TAKEN,
  ],
];

const INITIALIZE = (deep: string) =>
  rpc(
    "initialize",
    `{"protocolVersion":"2025-11-25","capabilities":{"experimental":{"x":{"x":${deep}}}},"clientInfo":{"name":"n","version":"1"}}`,
  );

/** JSON of 100,000 levels, wherever it fits. */
export const DEPTH_ROWS: readonly Row[] = [
  ...PLACES.flatMap(([name, body, outcomes]): readonly Row[] => [
    { name: `deep arrays as ${name}`, request: post(body(ARRAYS)), outcomes },
    { name: `deep objects as ${name}`, request: post(body(OBJECTS)), outcomes },
  ]),
  ...[ARRAYS, OBJECTS].map(
    (deep, index): Row => ({
      name: `initialize with deep ${index === 0 ? "arrays" : "objects"}`,
      request: post(INITIALIZE(deep), NO_SESSION),
      outcomes: [...SERVED, refused("SESSION_TOO_LARGE", 7)],
    }),
  ),
  {
    name: "a batch of deep requests",
    revision: "2025-03-26",
    request: post(
      `[${PLACES.slice(0, 3).map(([, body], n) => body(ARRAYS).replace('"id":7', `"id":${n}`))}]`,
    ),
    outcomes: [answered([0, 1, 2]), REFUSED],
  },
  {
    name: "4,000,000 brackets that are never closed",
    request: post("[".repeat(4_000_000)),
    outcomes: [refused("PARSE_ERROR")],
  },
  {
    name: "brackets closed in the wrong order",
    request: post(`${"[{".repeat(10)}${"]}".repeat(10)}`),
    outcomes: [refused("PARSE_ERROR")],
  },
];
