import type { RawSession } from "../support/raw-session.js";
import type { SeededRandom } from "../support/seeded-random.js";
import { httpBytes } from "./http-bytes.js";
import { ANSWER_DEADLINE_MS } from "./raw-exchange.js";
import { bare, post, rpc } from "./row.js";
import { cursorsOf, messagesOf, type StreamMessage } from "./sse-rules.js";
import type { Stage } from "./stage.js";

/**
 * Makes a call with `steps` of progress, and resets the socket again and again in the middle of its answer, `tears` times;
 * then reads on to the end. Rejects unless every message has come exactly once and in order (G1).
 */
export async function tornCall(
  stage: Stage,
  session: RawSession,
  random: SeededRandom,
  { id, steps, tears }: { readonly id: number; readonly steps: number; readonly tears: number },
): Promise<void> {
  const headers = { "Mcp-Session-Id": session.id };
  const params = { name: "test_slow", arguments: { steps, ms: 50 }, _meta: { progressToken: id } };
  const messages: StreamMessage[] = [];
  let request = post(rpc("tools/call", JSON.stringify(params), String(id)), headers);
  const deadlineMs = performance.now() + ANSWER_DEADLINE_MS;
  for (let n = 0; !messages.some(({ method }) => method === undefined); n += 1) {
    if (performance.now() > deadlineMs)
      throw new Error(`Call ${id} was not answered: ${messages.length} messages`);
    const resetAfter = n < tears ? { bytes: random.integer(1, 2_500) } : {};
    const { answers } = await stage.exchange({ pieces: [httpBytes(request)], resetAfter }, [session.id]);
    const [answer] = answers;
    if (answer && answer.status !== 200) throw new Error(`Call ${id}: ${JSON.stringify(answer)}`);
    const body = wholeEvents(answer?.body ?? "");
    messages.push(...messagesOf(body));
    const cursor = cursorsOf(body).at(-1);
    // What was torn before its first event is asked for again: it is in flight still, or it was never heard of.
    if (cursor !== undefined) request = bare("GET", { ...headers, "Last-Event-ID": cursor });
  }
  const progress = messages.slice(0, -1).map(({ params }) => params?.progress);
  const expected = Array.from({ length: steps }, (_, step) => step + 1);
  if (progress.join() !== expected.join()) throw new Error(`Call ${id}: progress ${progress}`);
}

function wholeEvents(body: string): string {
  return body.slice(0, body.lastIndexOf("\n\n") + 2);
}
