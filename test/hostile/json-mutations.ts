import type { SeededRandom } from "../support/seeded-random.js";
import { pick } from "./pick.js";

/** Stands for JSON of so many levels, which JSON.stringify could not write. */
const DEEP = /"@deep:(\d+)"/g;

/** JSON texts that somebody might not expect in the place of others. */
const ODD_TEXTS: readonly string[] = [
  ...[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-1",
    "1.5",
    "1e308",
    "1e999",
    "9007199254740992",
    '""',
    '"x"',
    "[]",
    "{}",
    "[[]]",
  ],
  ...[
    '"2.0"',
    '"1:0"',
    '"1:0.0"',
    '"g.0.1"',
    '"p.x.1.0.1"',
    '"replay:0"',
    '"__proto__"',
    '"constructor"',
    '"toString"',
  ],
  ...['"\\n\\ndata: {}\\n\\n"', '"\\r\\nSet-Cookie: a=b"', '"\\u0000"', '"\\ud800"', '"\\u2028"', '"日本"'],
  ...[
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"_meta":7}',
    '{"progressToken":{}}',
  ],
  ...[
    '{"_meta":{"progressToken":1}}',
    '{"_meta":{"progressToken":1.5}}',
    '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  ],
  ...['"@deep:10"', '"@deep:499"', '"@deep:501"', '"@deep:5000"', '"@deep:100000"'],
  ...[
    '"initialize"',
    '"notifications/cancelled"',
    '"tools/call"',
    '"2025-03-26"',
    '"2026-07-28"',
    '"9999-99-99"',
  ],
];
const ODD_NAMES = [
  "id",
  "method",
  "params",
  "result",
  "error",
  "jsonrpc",
  "_meta",
  "progressToken",
  "arguments",
  "name",
  "uri",
  "__proto__",
  "constructor",
  "toString",
  "",
  "requestId",
  "x",
];

type Container = Record<string, unknown>;

/** The value with one random change somewhere in it. Leaves the value itself as it is. */
export function mutated(value: unknown, random: SeededRandom): unknown {
  const copy = { root: structuredClone(value) };
  const places = placesIn(copy);
  const { container, name } = pick(random, places) ?? { container: copy as Container, name: "root" };
  const old = valueAt({ container, name });
  const put = (odd: unknown, under = name) =>
    Object.defineProperty(container, under, {
      value: odd,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  switch (random.integer(0, 7)) {
    case 0:
      if (Array.isArray(container)) container.splice(Number(name), 1);
      else delete container[name];
      break;
    case 1:
      put(
        oddValue(random),
        Array.isArray(container) ? String(container.length) : (pick(random, ODD_NAMES) ?? "x"),
      );
      break;
    case 2:
      put(structuredClone(valueAt(pick(random, places)) ?? old));
      break;
    case 3:
      put(random.chance(0.5) ? [old] : { x: old });
      break;
    case 4:
      put(typeof old === "string" && old.length < 1_000 ? old.repeat(random.integer(0, 300)) : typeof old);
      break;
    case 5:
      put(random.chance(0.1) ? "x".repeat(random.integer(1, 3_000_000)) : [old, old, old]);
      break;
    default:
      put(oddValue(random));
  }
  return copy.root;
}

/** The value as JSON text. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  return text.replace(DEEP, (_, levels) => {
    const n = Number(levels);
    return n % 2 === 0 ? `${"[".repeat(n)}${"]".repeat(n)}` : `${'{"a":'.repeat(n)}1${"}".repeat(n)}`;
  });
}

function oddValue(random: SeededRandom): unknown {
  return JSON.parse(pick(random, ODD_TEXTS) ?? "null");
}

interface Place {
  readonly container: Container;
  /** Of a member of its own. */
  readonly name: string;
}

function valueAt(place: Place | undefined): unknown {
  return place && Object.getOwnPropertyDescriptor(place.container, place.name)?.value;
}

/** Every place in a value where another could be. */
function placesIn(root: Container): readonly Place[] {
  const places: Place[] = [];
  const waiting: Container[] = [root];
  for (let container = waiting.pop(); container && places.length < 500; container = waiting.pop()) {
    for (const name of Object.keys(container)) {
      places.push({ container, name });
      const inner = valueAt({ container, name });
      if (typeof inner === "object" && inner !== null) waiting.push(inner as Container);
    }
  }
  return places;
}
