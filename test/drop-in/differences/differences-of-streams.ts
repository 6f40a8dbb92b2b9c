import { EmptyResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { SseFollower } from "../../support/sse-follower.js";
import { answerTo, initialize, toolCall } from "../ask.js";
import { NumberingEventStore } from "../numbering-event-store.js";
import { type Difference, ends, textOf } from "./difference.js";

/** What streams carry. */
export const DIFFERENCES_OF_STREAMS: readonly Difference[] = [
  {
    when: "the first event of a GET stream, with an event store",
    options: () => ({ eventStore: new NumberingEventStore() }),
    observe: async (served) => {
      const stream = await (await served.open()).get();
      await served.commanded.say("hi");
      await stream.untilMessages(1);
      return stream.events[0]?.data === "" ? "an id alone" : "a message";
    },
    sdk: "a message",
    ours: "an id alone",
  },
  {
    when: "what the server says while no GET is open",
    observe: async (served) => {
      const client = await served.open();
      await served.commanded.say("said before");
      const stream = await client.get();
      await served.commanded.say("said after");
      await stream.until("the last message", () => stream.messages.some((data) => data.includes("after")));
      return stream.messages.map(textOf).join(", ");
    },
    sdk: "said after",
    ours: "said before, said after",
  },
  {
    when: "a request of a session on 2025-11-25 without MCP-Protocol-Version",
    options: () => ({ eventStore: new NumberingEventStore() }),
    observe: async (served) => {
      const { sessionId } = await served.open();
      const headers = { "mcp-session-id": sessionId };
      const body = toolCall(1, "echo", { text: "hi" });
      const answer = await SseFollower.open(served.url, { method: "POST", headers, body });
      await answer.untilOver();
      return `served as on ${answer.events[0]?.data === "" ? "2025-11-25" : "an older revision"}`;
    },
    sdk: "served as on an older revision",
    ours: "served as on 2025-11-25",
  },
  {
    when: "a call is cancelled",
    observe: async (served) => {
      const client = await served.open();
      const answer = await client.post(toolCall(1));
      await served.commanded.call(1);
      await client.cancel(1);
      return `its stream ${await ends(answer)}`;
    },
    sdk: "its stream stays open",
    ours: "its stream ends",
  },
  {
    when: "a session ends while a call is in flight",
    observe: async (served) => {
      const client = await served.open();
      const answer = await client.post(toolCall(1));
      await served.commanded.call(1);
      await served.transport.close();
      await answer.untilOver();
      return answer.messages.map((data) => `error ${JSON.parse(data).error.code}`).join() || "no answer";
    },
    sdk: "no answer",
    ours: "error -31010",
  },
  {
    when: "a call asks its client something, with enableJsonResponse",
    options: () => ({ enableJsonResponse: true }),
    observe: async (served) => {
      await answerTo(served.url, { method: "POST", body: initialize() });
      const headers = { "mcp-session-id": served.transport.sessionId ?? "" };
      const asking = answerTo(served.url, { method: "POST", headers, body: toolCall(1) });
      const call = await served.commanded.call(1);
      const failure = await call.extra
        .sendRequest({ method: "ping" }, EmptyResultSchema, { timeout: 100 })
        .catch((error: Error) => error.message);
      call.finish("done");
      await asking;
      return String(failure).includes("timed out") ? "times out" : "fails at once";
    },
    sdk: "times out",
    ours: "fails at once",
  },
];
