import { SeededRandom } from "../support/seeded-random.js";
import { httpBytes } from "./http-bytes.js";
import { answered, type Outcome, refused, refusedByNode } from "./outcomes.js";
import { bare, post, rpc, toolCall } from "./row.js";
import { HTTP_LIMITS } from "./server-process.js";
import type { Attack, Stage } from "./stage.js";
import { tornCall } from "./torn-call.js";

/** When node:http must have given up on a request that does not become whole, in ms: its limits, and time to look. */
const GIVEN_UP_MS = HTTP_LIMITS.requestTimeout + 2_500;

/** Requests that are sent over sockets which misbehave. */
export const SOCKET_ATTACKS: readonly Attack[] = [
  {
    name: "200 streams torn in the middle, and every message exactly once all the same",
    run: (stage) =>
      stage.withSession(undefined, async (session) => {
        const random = new SeededRandom(200);
        const calls = Array.from({ length: 20 }, (_, id) =>
          tornCall(stage, session, random, { id: id + 100, steps: 40, tears: 10 }),
        );
        await Promise.all(calls);
      }),
  },
  {
    name: "200 GET streams reset at once, and the last one hears what is said",
    run: (stage) =>
      stage.withSession(undefined, async (session) => {
        const get = httpBytes(bare("GET", { "Mcp-Session-Id": session.id }));
        for (let n = 0; n < 200; n += 1) {
          await stage.exchange({ pieces: [get], resetAfter: { bytes: 1 + n } }, [session.id]);
        }
        const said = session.text("test_log", { data: "after the storm" });
        const until = (text: string) => text.includes("after the storm");
        const { ended } = await stage.exchange({ pieces: [get], until }, [session.id]);
        await said;
        if (ended !== "reset") throw new Error(`The GET stream has brought nothing: ${ended}`);
      }),
  },
  {
    name: "heads that never end are given up, and answered with 408 or not at all",
    run: async (stage) => {
      const bytes = httpBytes(post("{}"));
      const pieces = [...bytes.subarray(0, 60)].map((byte) => Uint8Array.of(byte));
      await Promise.all(Array.from({ length: 20 }, () => givenUp(stage, pieces, 100)));
    },
  },
  {
    name: "bodies that never end are given up, and answered with 408 or not at all",
    run: async (stage) => {
      const bytes = httpBytes(post(rpc("ping"), { "Content-Length": "4000000" }, { framing: "none" }));
      await Promise.all(Array.from({ length: 20 }, () => givenUp(stage, [bytes], 0)));
      const drops = Array.from({ length: 100 }, () => Buffer.from(" "));
      await Promise.all(Array.from({ length: 20 }, () => givenUp(stage, [bytes, ...drops], 100)));
    },
  },
  {
    name: "100 bodies that are broken off leave nothing, and do nothing",
    run: (stage) =>
      stage.withSession(undefined, async (session) => {
        const bytes = httpBytes(post(toolCall("test_counter"), { "Mcp-Session-Id": session.id }));
        const cut = bytes.subarray(0, bytes.length - 1);
        const halfClose = Array.from({ length: 50 }, () =>
          stage.exchange({ pieces: [cut], halfClose: true }),
        );
        const reset = Array.from({ length: 50 }, () =>
          stage.exchange({ pieces: [cut], resetAfter: { ms: 5 } }),
        );
        for (const { answers } of await Promise.all([...halfClose, ...reset])) {
          if (answers[0] && answers[0].status !== 400)
            throw new Error(`Answered: ${JSON.stringify(answers)}`);
        }
        if ((await session.text("test_counter")) !== "1") throw new Error("A broken request was served");
      }),
  },
  {
    name: "a client that says it will send no more gets its answer, or none",
    run: (stage) =>
      stage.withSession(undefined, async (session) => {
        const pieces = [httpBytes(post(rpc("ping"), { "Mcp-Session-Id": session.id }))];
        const { answers, ended } = await stage.exchange({ pieces, halfClose: true }, [session.id]);
        if (ended !== "closed" || answers.length > 1) throw new Error(`${ended}: ${JSON.stringify(answers)}`);
      }),
  },
  {
    name: "ten requests on one socket, sent ahead, are answered in order",
    run: (stage) =>
      stage.withSession(undefined, async (session) => {
        const ids = Array.from({ length: 10 }, (_, n) => n);
        const requests = ids.map((id) => {
          const connection = id === 9 ? "close" : "keep-alive";
          return httpBytes(
            post(rpc("ping", "{}", String(id)), { "Mcp-Session-Id": session.id, Connection: connection }),
          );
        });
        const { answers } = await stage.exchange({ pieces: [Buffer.concat(requests)] }, [session.id]);
        if (answers.length !== 10) throw new Error(`${answers.length} answers`);
        for (const [id, answer] of answers.entries()) expectOutcome(answer, [answered([id])]);
      }),
  },
  {
    name: "a request smuggled in behind a body is one of its own",
    run: (stage) =>
      stage.withSession(undefined, async (session) => {
        const inner = httpBytes(bare("DELETE", { "Mcp-Session-Id": session.id }));
        const changes = { "Mcp-Session-Id": session.id };
        const outer = httpBytes(
          post(`0\r\n\r\n${inner.toString("latin1")}`, changes, { framing: "chunked" }),
        );
        const { answers } = await stage.exchange({ pieces: [outer] }, [session.id]);
        expectOutcome(answers[0], [refused("PARSE_ERROR")]);
        if (answers.length !== 1) throw new Error(`${answers.length} answers to one request`);
        if ((await session.text("test_counter")) !== "1") throw new Error("The session is gone");
      }),
  },
];

async function givenUp(stage: Stage, pieces: readonly Uint8Array[], gapMs: number): Promise<void> {
  const { answers, ended } = await stage.exchange({ pieces, gapMs, deadlineMs: GIVEN_UP_MS + 2_000 });
  if (ended !== "closed") throw new Error(`Still open: ${ended}`);
  for (const answer of answers) expectOutcome(answer, [refusedByNode(408, 400)]);
}

function expectOutcome(answer: Parameters<Outcome["matches"]>[0], outcomes: readonly Outcome[]): void {
  if (outcomes.some((outcome) => outcome.matches(answer))) return;
  throw new Error(
    `Expected ${outcomes.map(({ says }) => says).join(" or ")}: ${JSON.stringify(answer)?.slice(0, 2_000)}`,
  );
}
