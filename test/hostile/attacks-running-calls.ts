import type { RawSession } from "../support/raw-session.js";
import { RecordedStream } from "../support/recorded-stream.js";
import { waitFor } from "../support/wait-for.js";
import { expectEqual } from "./expect-equal.js";
import { httpBytes } from "./http-bytes.js";
import { answered, refused } from "./outcomes.js";
import { post, rpc, toolCall } from "./row.js";
import type { Attack, Stage } from "./stage.js";

const DEEP = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;

/** What is done to calls that are running: by other sessions (G3), and by others of the same id. */
export const RUNNING_CALL_ATTACKS: readonly Attack[] = [
  {
    name: "answers to another session's question, in every spelling, are not taken for its own",
    run: (stage) =>
      stage.withSession(undefined, (asked) =>
        stage.withSession(undefined, async (other) => {
          const question = await ask(stage, asked);
          const { id = "" } = question.messages[0] ?? {};
          for (const spelling of [`${id}`, `${id}.0`, `${id}e0`, `0${id}`, ` ${id}`, `${id} `]) {
            const answer = { id: spelling, result: sampled("poison") };
            expectEqual("an answer of another session", (await other.send(answer)).status, 202);
            if (spelling !== id)
              expectEqual("an answer in another spelling", (await asked.send(answer)).status, 202);
          }
          expectEqual("messages before the answer", JSON.stringify(question.messages.slice(1)), "[]");
          await asked.send({ id, result: sampled("proper") });
          const { result } = await question.followToResponse(5_000);
          expectEqual("what was answered", result?.content[0].text, "proper");
        }),
      ),
  },
  {
    name: "cancellations and progress of another session's calls do nothing to them",
    run: (stage) =>
      stage.withSession(undefined, (running) =>
        stage.withSession(undefined, async (other) => {
          const call = running.call("test_slow", { ms: 300, steps: 30 }, 77);
          await waitFor("the call to run", () => call.events.length > 0);
          for (const requestId of [77, "77"]) {
            await other.send({ method: "notifications/cancelled", params: { requestId } });
            await other.send({
              method: "notifications/progress",
              params: { progressToken: requestId, progress: 99 },
            });
          }
          await running.send({ method: "notifications/cancelled", params: { requestId: "77" } });
          const { result } = await call.followToResponse(5_000);
          expectEqual("its result", result !== undefined, true);
          expectEqual("its events", call.events.length, 31);
        }),
      ),
  },
  {
    name: "an id in flight: the same request joins it, another one is refused, a deep one breaks nothing",
    run: (stage) =>
      stage.withSession(undefined, async (session) => {
        const call = session.call("test_slow", { ms: 700 }, 7);
        await waitFor("the call to run", () => call.cursor);
        const send = async (body: string) => {
          const bytes = httpBytes(post(body, { "Mcp-Session-Id": session.id }));
          return (await stage.exchange({ pieces: [bytes] }, [session.id])).answers[0];
        };
        for (const body of [rpc("ping"), toolCall("test_slow", `{"ms":${DEEP}}`)]) {
          const answer = await send(body);
          const isRefused = [refused("INVALID_REQUEST", 7), refused("INVALID_REQUEST")].some((one) =>
            one.matches(answer),
          );
          if (!isRefused) throw new Error(`Came: ${JSON.stringify(answer)}`);
        }
        const same = {
          jsonrpc: "2.0",
          id: 7,
          method: "tools/call",
          params: { name: "test_slow", arguments: { ms: 700 }, _meta: { progressToken: 7 } },
        };
        const joined = await send(JSON.stringify(same));
        if (!answered([7]).matches(joined)) throw new Error(`Came: ${JSON.stringify(joined)}`);
        expectEqual("answers to the one whose stream was joined", call.messages.length, 0);
      }),
  },
  {
    name: "two deep requests with the same id",
    run: (stage) =>
      stage.withSession(undefined, async (session) => {
        const body = rpc("tools/call", `{"name":"test_slow","arguments":{"ms":300},"_meta":{"x":${DEEP}}}`);
        const bytes = httpBytes(post(body, { "Mcp-Session-Id": session.id }));
        const both = [1, 2].map(() => stage.exchange({ pieces: [bytes] }, [session.id]));
        for (const { ended, answers } of await Promise.all(both)) {
          const { status, whole } = answers[0] ?? {};
          if (ended !== "closed" || !whole || (status !== 200 && status !== 400))
            throw new Error(JSON.stringify(answers));
        }
      }),
  },
];

/** Makes a call whose tool asks its client something, and waits for the question. Nobody answers it by itself. */
async function ask(stage: Stage, session: RawSession): Promise<RecordedStream> {
  const params = { name: "test_sampling", arguments: { prompt: "secret" } };
  const stream = new RecordedStream(stage.server.url, () => ({ "mcp-session-id": session.id }));
  stream.post({ jsonrpc: "2.0", id: "asking", method: "tools/call", params });
  await waitFor("the question", () => stream.messages.length > 0);
  return stream;
}

function sampled(text: string) {
  return { role: "assistant", model: "none", content: { type: "text", text } };
}
