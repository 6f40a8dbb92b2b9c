import { parseEventId } from "@durable-mcp/contract";
import type { RawSession } from "../support/raw-session.js";
import { SeededRandom } from "../support/seeded-random.js";
import { type FinishedCall, isFollowed, outcomesOfCursor, twistedCursor } from "./cursor-outcomes.js";
import { httpBytes } from "./http-bytes.js";
import { failed, type Outcome, refused } from "./outcomes.js";
import { bare, post, rpc } from "./row.js";
import { ODD_IDS } from "./rows-ids.js";
import { cursorsOf, messagesOf } from "./sse-rules.js";
import type { Attack, Stage } from "./stage.js";

/** How many cursors are made up. */
const COUNT = 400;

/** A resume of the session from whatever is given as a cursor. */
async function resume(stage: Stage, session: RawSession, cursor: string, outcomes: readonly Outcome[]) {
  const request = bare("GET", { "Mcp-Session-Id": session.id, "Last-Event-ID": cursor });
  const until = isFollowed(cursor) ? { until: (text: string) => text.includes("retry: ") } : {};
  const { answers, ended } = await stage.exchange({ pieces: [httpBytes(request)], ...until }, [session.id]);
  const [answer] = answers;
  if (ended !== "late" && outcomes.some((outcome) => outcome.matches(answer))) return answer;
  const expected = outcomes.map(({ says }) => says).join(" or ");
  throw new Error(
    `The cursor ${cursor}: expected ${expected}, ${ended}: ${JSON.stringify(answer)?.slice(0, 2_000)}`,
  );
}

/** Makes a call that leaves a few events behind. */
async function finishedCall(
  session: RawSession,
): Promise<{ call: FinishedCall; cursors: readonly string[] }> {
  const stream = session.call("test_slow", { steps: 5 });
  const { id = "" } = await stream.followToResponse(5_000);
  const [first = ""] = stream.cursors;
  const streamId = first.slice(0, -".0.0".length);
  return { call: { streamId, ids: [id], last: 6, fence: 1 }, cursors: stream.cursors };
}

/** Cursors made of anything (G2, G3). */
export const CURSOR_ATTACKS: readonly Attack[] = [
  {
    name: `${COUNT} cursors that are nearly valid, or not at all`,
    run: (stage) =>
      stage.withSession(undefined, (other) =>
        stage.withSession(undefined, async (session) => {
          const random = new SeededRandom(20251125);
          const foreign = await finishedCall(other);
          const { call, cursors } = await finishedCall(session);
          const valid = [...cursors, ...foreign.cursors, "g.0.0", "g.1.1", `${call.streamId}.end.0`];
          for (let n = 0; n < COUNT; n += 1) {
            const cursor = twistedCursor(valid, random);
            await resume(stage, session, cursor, outcomesOfCursor(cursor, call));
          }
        }),
      ),
  },
  {
    name: "every cursor of another session brings an error that says nothing of it",
    run: (stage) =>
      stage.withSession(undefined, (other) =>
        stage.withSession(undefined, async (session) => {
          const { call, cursors } = await finishedCall(other);
          for (const cursor of cursors) await resume(stage, session, cursor, [failed(call.ids, -31010)]);
        }),
      ),
  },
  {
    name: "every cursor of a call, far beyond its end and under other fences",
    run: (stage) =>
      stage.withSession(undefined, async (session) => {
        const { call } = await finishedCall(session);
        for (const offset of [0, 1, 5, 6, 7, 1_000, Number.MAX_SAFE_INTEGER]) {
          for (const fence of [0, 1, 2, Number.MAX_SAFE_INTEGER]) {
            const cursor = `${call.streamId}.${offset}.${fence}`;
            await resume(stage, session, cursor, outcomesOfCursor(cursor, call));
          }
        }
      }),
  },
  ...ODD_IDS.map(
    (id): Attack => ({
      name: `an answer to the id ${id.slice(0, 60)}, read again from its first cursor`,
      run: (stage) => stage.withSession(undefined, (session) => readAgain(stage, session, id)),
    }),
  ),
];

async function readAgain(stage: Stage, session: RawSession, id: string): Promise<void> {
  const request = post(rpc("ping", "{}", id), { "Mcp-Session-Id": session.id });
  const { answers } = await stage.exchange({ pieces: [httpBytes(request)] }, [session.id]);
  const body = answers[0]?.body ?? "";
  const [priming = "", answer = ""] = cursorsOf(body);
  if (!parseEventId(priming) || !parseEventId(answer)) throw new Error(`No cursors: ${body}`);
  const again = await resume(stage, session, priming, [
    {
      says: "the same answer",
      matches: (other) => JSON.stringify(messagesOf(other?.body ?? "")) === JSON.stringify(messagesOf(body)),
    },
  ]);
  if (messagesOf(again?.body ?? "").length !== 1) throw new Error(`Not one answer: ${again?.body}`);
  await resume(stage, session, answer, [refused("STREAM_FINISHED")]);
}
