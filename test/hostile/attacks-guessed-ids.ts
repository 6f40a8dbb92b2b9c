import type { RawSession } from "../support/raw-session.js";
import { httpBytes } from "./http-bytes.js";
import { refused } from "./outcomes.js";
import { bare, post, rpc } from "./row.js";
import type { Attack, Stage } from "./stage.js";

/** Ids made of a real one, which it must not be taken for. */
function guessesOf(id: string): readonly string[] {
  const changed = [0, 1, 7, 15, 30, 31].map((at) => {
    const other = id[at] === "A" ? "B" : "A";
    return id.slice(0, at) + other + id.slice(at + 1);
  });
  const all = [
    ...changed,
    id.toUpperCase(),
    id.toLowerCase(),
    [...id].reverse().join(""),
    id.slice(0, -1),
    id.slice(1),
    id.slice(0, 8),
    id.replaceAll("-", "+").replaceAll("_", "/"),
    Buffer.from(id).toString("base64"),
    Buffer.from(id).toString("hex"),
    encodeURIComponent(`${id}\n`),
    [...id].map((character) => `%${character.charCodeAt(0).toString(16)}`).join(""),
  ];
  return all.filter((guess) => guess !== id);
}

async function expectUnknown(stage: Stage, guess: string): Promise<void> {
  const named = { "Mcp-Session-Id": guess };
  const requests = [
    [post(rpc("ping"), named), 7],
    [bare("GET", named), null],
    [bare("GET", { ...named, "Last-Event-ID": "g.0.0" }), null],
    [bare("DELETE", named), null],
  ] as const;
  for (const [request, id] of requests) {
    const { answers } = await stage.exchange({ pieces: [httpBytes(request)] });
    if (refused("SESSION_NOT_FOUND", id).matches(answers[0])) continue;
    throw new Error(`${request.method} on ${guess}: ${JSON.stringify(answers).slice(0, 2_000)}`);
  }
}

/** G3: a session is found under its own id, and under nothing that is nearly it. */
export const GUESSED_ID_ATTACKS: readonly Attack[] = [
  {
    name: "ids that are nearly a session's are nobody's, on every verb",
    run: (stage) =>
      stage.withSession(undefined, async (session: RawSession) => {
        for (const guess of guessesOf(session.id)) await expectUnknown(stage, guess);
        if ((await session.text("test_counter")) !== "1") throw new Error("The session was disturbed");
      }),
  },
];
