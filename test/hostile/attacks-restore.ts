import { httpBytes } from "./http-bytes.js";
import { answered } from "./outcomes.js";
import { post, rpc } from "./row.js";
import type { Stage } from "./stage.js";

const DEEP = `${'{"a":'.repeat(300)}1${"}".repeat(300)}`;

/** What a session is opened with, as JSON text. */
const OPENINGS: readonly {
  readonly query: string;
  readonly capabilities: string;
  readonly stored: string;
}[] = [
  {
    query: "?__proto__=1&constructor=2&toString=3",
    capabilities: '{"__proto__":{"polluted":1}}',
    stored: "x",
  },
  { query: "?a=1&a=2&%00=%ff&=&%F0%9F", capabilities: `{"experimental":{"x":${DEEP}}}`, stored: "\xe9" },
  { query: "?", capabilities: '{"experimental":{"\\ud800":{"x":"\\u0000"}}}', stored: "" },
  {
    query: `?q=${"x".repeat(5_000)}`,
    capabilities: '{"sampling":{},"roots":{"listChanged":true}}',
    stored: "y".repeat(5_000),
  },
];

/** What shapes the session afterwards, as JSON texts of a method and its parameters. */
const SHAPES: readonly (readonly [method: string, params: string])[] = [
  ["logging/setLevel", `{"level":"error","__proto__":{"polluted":1},"x":${DEEP}}`],
  ...["", "__proto__", "\n\ndata: x", "\ud800", "\0", "x".repeat(10_000), "test://%00"].map(
    (uri) => ["resources/subscribe", JSON.stringify({ uri })] as const,
  ),
  ["resources/subscribe", '{"uri":"test://last","__proto__":{"polluted":1},"toString":1}'],
];

/**
 * Opens sessions with everything that is kept of a session as odd as it may be, puts another endpoint in front of the
 * store, and expects each to go on (G4). Not to be run beside anything else.
 */
export async function restoreOddSessions(stage: Stage): Promise<void> {
  const ask = async (body: string, headers: Record<string, string | undefined>, path = "/mcp") => {
    const { answers } = await stage.exchange({ pieces: [httpBytes(post(body, headers, { path }))] }, [
      headers["Mcp-Session-Id"] ?? "",
    ]);
    if (!answered([7]).matches(answers[0]))
      throw new Error(`${body.slice(0, 200)}: ${JSON.stringify(answers).slice(0, 2_000)}`);
    return answers[0]?.headers["mcp-session-id"] ?? "";
  };
  const sessions: string[] = [];
  for (const { query, capabilities, stored } of OPENINGS) {
    const params = `{"protocolVersion":"2025-11-25","capabilities":${capabilities},"clientInfo":{"name":"n","version":"1"}}`;
    const opening = { "Mcp-Session-Id": undefined, "X-Stored": stored };
    const id = await ask(rpc("initialize", params), opening, `/mcp${query}`);
    for (const [method, given] of SHAPES) await ask(rpc(method, given), { "Mcp-Session-Id": id });
    sessions.push(id);
  }
  await stage.server.restart();
  for (const id of sessions) await ask(rpc("ping"), { "Mcp-Session-Id": id });
  for (const id of sessions) await stage.remove(id);
}
