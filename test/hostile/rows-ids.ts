import { answered, refused } from "./outcomes.js";
import { post, type Row, rpc } from "./row.js";

/** Ids that are right, as JSON texts: strange, long, like ours, or made to break out of where they are put. */
export const ODD_IDS: readonly string[] = [
  "0",
  "-0",
  "-1",
  "1e2",
  "9007199254740991",
  "-9007199254740991",
  ...[
    "",
    " ",
    "1",
    "1:0",
    "g",
    "g.0.1",
    "replay:0",
    "p.x.1.0.1",
    "end",
    "null",
    "__proto__",
    "constructor",
    "toString",
    "\0",
    "\n\ndata: {}\n\n",
    "\r\nSet-Cookie: a=b\r\n\r\n",
    "\nid: g.9.9\n",
    ",",
    '","',
    "%2C",
    "../../x",
    "日本語",
    "😀".repeat(100),
    "\u2028\u2029\u0085\ufeff",
    "x".repeat(256),
    "x".repeat(1_024),
    "\n".repeat(1_024),
  ].map((id) => JSON.stringify(id)),
  '"\\ud800"',
  '"\\udc00\\ud800"',
];

/** Values that are no id: not a string, not an integer that comes back as it went, or too long. */
const NO_IDS: readonly string[] = [
  "null",
  "true",
  "{}",
  "[]",
  "[1]",
  "1.5",
  "-1.5",
  "1e-7",
  "9007199254740992",
  "9007199254740993",
  "1e308",
  "1e999",
  "-1e999",
  JSON.stringify("x".repeat(1_025)),
  JSON.stringify("😀".repeat(1_024)),
  JSON.stringify("x".repeat(1_000_000)),
];

function batch(ids: readonly string[]) {
  return post(`[${ids.map((id) => rpc("ping", "{}", id)).join()}]`);
}

const BATCHES = "2025-03-26";
const INVALID = refused("INVALID_REQUEST");
const count = (length: number) => Array.from({ length }, (_, n) => String(n));

/** Request ids, alone and in batches. */
export const ID_ROWS: readonly Row[] = [
  ...ODD_IDS.map(
    (id): Row => ({
      name: `the id ${id.slice(0, 60)}`,
      request: post(rpc("ping", "{}", id)),
      // JSON has no -0 that comes back.
      outcomes: [answered([JSON.parse(id) === 0 ? 0 : JSON.parse(id)])],
    }),
  ),
  ...NO_IDS.map(
    (id): Row => ({
      name: `${id.slice(0, 60)} in place of an id`,
      request: post(rpc("ping", "{}", id)),
      outcomes: [INVALID],
    }),
  ),
  {
    name: "the same id as a number and as a string in a batch",
    revision: BATCHES,
    request: batch(["1", '"1"']),
    outcomes: [answered([1, "1"])],
  },
  { name: "an id twice in a batch", revision: BATCHES, request: batch(["1", "2", "1"]), outcomes: [INVALID] },
  { name: "0 and -0 in a batch", revision: BATCHES, request: batch(["0", "-0"]), outcomes: [INVALID] },
  { name: "1 and 1.0 in a batch", revision: BATCHES, request: batch(["1", "1.0"]), outcomes: [INVALID] },
  {
    name: "all odd ids in a batch",
    revision: BATCHES,
    request: batch(distinct(ODD_IDS)),
    outcomes: [answered(distinct(ODD_IDS).map((id) => JSON.parse(id)))],
  },
  {
    name: "100 requests in a batch",
    revision: BATCHES,
    request: batch(count(100)),
    outcomes: [answered(count(100).map(Number))],
  },
  { name: "101 requests in a batch", revision: BATCHES, request: batch(count(101)), outcomes: [INVALID] },
  {
    name: "10,000 requests in a batch",
    revision: BATCHES,
    request: batch(count(10_000)),
    outcomes: [INVALID],
  },
  {
    name: "10,000 empty arrays",
    revision: BATCHES,
    request: post(`[${count(10_000).map(() => "[]")}]`),
    outcomes: [INVALID],
  },
  { name: "an empty batch", revision: BATCHES, request: post("[]"), outcomes: [INVALID] },
  {
    name: "a batch within a batch",
    revision: BATCHES,
    request: post(`[[${rpc("ping")}]]`),
    outcomes: [INVALID],
  },
  {
    name: "one bad message in a batch",
    revision: BATCHES,
    request: post(`[${rpc("ping")},7]`),
    outcomes: [INVALID],
  },
  ...["2025-06-18", "2025-11-25"].map(
    (revision): Row => ({
      name: `a batch of one on ${revision}`,
      revision,
      request: batch(["7"]),
      outcomes: [refused("INVALID_REQUEST", 7)],
    }),
  ),
  ...["2025-06-18", "2025-11-25"].map(
    (revision): Row => ({
      name: `a batch of two on ${revision}`,
      revision,
      request: batch(["7", "8"]),
      outcomes: [INVALID],
    }),
  ),
];

function distinct(ids: readonly string[]): readonly string[] {
  return ids.filter((id) => id !== "-0");
}
