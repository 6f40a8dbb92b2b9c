import { type Outcome, refused } from "./outcomes.js";
import { bare, post, type Row, rpc, SESSION } from "./row.js";

/** Header values near a real session id, and others that a careless look-up might let through. */
const GUESSES: readonly (readonly [name: string, value: string])[] = [
  ["with one character more", `${SESSION}A`],
  ["with one character before", `A${SESSION}`],
  ["twice", `${SESSION}${SESSION}`],
  ["and a comma", `${SESSION},`],
  ["joined to itself", `${SESSION}, ${SESSION}`],
  ["joined to another", `x, ${SESSION}`],
  ["in quotes", `"${SESSION}"`],
  ["with a parameter", `${SESSION};q=1`],
  ["percent-encoded", `%20${SESSION}`],
  ["with a space within", `${SESSION} x`],
  ["with a slash", `${SESSION}/`],
  ["with a byte beyond ASCII", `${SESSION}\xa0`],
  ["in SQL", `${SESSION}' OR '1'='1`],
  ["as a pattern", "%"],
  ["as another pattern", "*"],
  ["as nothing", "null"],
  ["as undefined", "undefined"],
  ["as an object", "[object Object]"],
  ["as a number", "0"],
  ["as a name that looks like one", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
];

const VERBS = ["POST", "GET", "DELETE", "resume"] as const;

function request(
  verb: (typeof VERBS)[number],
  changes: Record<string, string>,
): Pick<Row, "request" | "outcomes"> {
  const outcomes: readonly Outcome[] = [refused("SESSION_NOT_FOUND", verb === "POST" ? 7 : null)];
  if (verb === "POST") return { request: post(rpc("ping"), changes), outcomes };
  const cursor = verb === "resume" ? { "Last-Event-ID": "g.0.0" } : {};
  return { request: bare(verb === "DELETE" ? "DELETE" : "GET", { ...changes, ...cursor }), outcomes };
}

/** G3, G9: whoever guesses near a session, or is not its principal, is told what a stranger is told. */
export const SESSION_ROWS: readonly Row[] = VERBS.flatMap((verb) => [
  ...GUESSES.map(
    ([name, value]): Row => ({
      name: `${verb} on a session ${name}`,
      ...request(verb, { "Mcp-Session-Id": value }),
    }),
  ),
  ...["mallory", '["","",""]', "x".repeat(5_000)].map(
    (user): Row => ({
      name: `${verb} on somebody else's session as ${user.slice(0, 20)}`,
      ...request(verb, { "X-Test-User": user }),
    }),
  ),
]);
