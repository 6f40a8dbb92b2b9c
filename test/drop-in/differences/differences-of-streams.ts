import { EmptyResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { SseFollower } from "../../support/sse-follower.js";
import { waitFor } from "../../support/wait-for.js";
import { answerTo, initialize, toolCall } from "../ask.js";
import { NumberingEventStore } from "../numbering-event-store.js";
import { type Difference, ends, textOf } from "./difference.js";

/** How many clients have gone away before their answer was complete. */
let gone = 0;

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
    when: "a response to nothing that the server has asked",
    observe: async (served) => {
      const client = await served.open();
      const errors: string[] = [];
      served.commanded.server.onerror = ({ message }) => errors.push(message);
      const body = { jsonrpc: "2.0", id: 99, result: {} };
      const answer = await answerTo(served.url, { method: "POST", headers: client.headers, body });
      return `${answer}, ${errors.length > 0 ? "told to the server's onerror" : "dropped"}`;
    },
    sdk: "202, told to the server's onerror",
    ours: "202, dropped",
  },
  {
    when: "an answer to a client on 2025-06-18 that has gone before it had an event id, with an event store",
    options: () => ({ eventStore: new NumberingEventStore() }),
    serving: {
      handle: async (transport, request, response) => {
        response.on("close", () => {
          if (!response.writableFinished) gone += 1;
        });
        await transport.handleRequest(request, response);
      },
    },
    observe: async (served) => {
      const client = await served.open("2025-06-18");
      const answer = await client.post(toolCall(1));
      const call = await served.commanded.call(1);
      const errors: string[] = [];
      served.commanded.server.onerror = ({ message }) => errors.push(message);
      const before = gone;
      answer.cut();
      await waitFor("the server to notice", () => gone > before);
      call.finish("unheard");
      await waitFor("an error", () => errors.length > 0, 300).catch(() => {});
      return errors.length > 0 ? "told to the server's onerror" : "kept";
    },
    sdk: "told to the server's onerror",
    ours: "kept",
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
