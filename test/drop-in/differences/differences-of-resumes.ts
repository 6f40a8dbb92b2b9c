import { InMemoryEventStore } from "@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js";
import { answerTo, toolCall } from "../ask.js";
import { NumberingEventStore } from "../numbering-event-store.js";
import { ServedTransport } from "../served-transport.js";
import type { TransportClass } from "../transport-classes.js";
import { type Difference, ends, textOf } from "./difference.js";

const withStore = () => ({ eventStore: new NumberingEventStore() });

/** An event store that is kept when the class changes. */
const keptStore = new NumberingEventStore();

/** A GET with Last-Event-ID. */
async function resumeFrom(served: ServedTransport, lastEventId: string): Promise<string> {
  const { headers } = await served.open();
  return answerTo(served.url, { method: "GET", headers: { ...headers, "last-event-id": lastEventId } });
}

/** A session with a call whose answer has been read to its end. */
async function answered(served: ServedTransport) {
  const client = await served.open();
  const answer = await client.post(toolCall(1, "echo", { text: "hi" }));
  await answer.untilOver();
  return { client, answer };
}

/** How streams are resumed. */
export const DIFFERENCES_OF_RESUMES: readonly Difference[] = [
  {
    when: "the GET stream is cut, and resumed from its last event id, on the SDK's example store",
    options: () => ({ eventStore: new InMemoryEventStore() }),
    observe: async (served) => {
      const client = await served.open();
      const stream = await client.get();
      await served.commanded.say("before");
      await stream.untilMessages(1);
      stream.cut();
      await served.commanded.say("meanwhile");
      const again = await client.get(stream.cursor);
      await served.commanded.say("after");
      await again.until("both", () => again.messages.length === 2, 500).catch(() => {});
      return again.messages.map(textOf).join(", ") || "silence";
    },
    sdk: "silence",
    ours: "meanwhile, after",
  },
  {
    when: "a GET resumes from what is no event id",
    options: withStore,
    observe: (served) => resumeFrom(served, "nonsense"),
    sdk: "400 -32000 id=null",
    ours: "405 -32000 id=null",
  },
  {
    when: "a GET resumes by an id of the event store's own, as the SDK's class has sent them",
    options: () => ({ eventStore: keptStore }),
    observe: async (served) => resumeFrom(served, await keptStore.storeEvent("before", {} as never)),
    sdk: "stream",
    ours: "405 -32000 id=null",
  },
  {
    when: "a GET resumes by an event id of another session, from the event store of both",
    options: () => ({ eventStore: keptStore }),
    observe: async (served) => {
      const Transport = served.transport.constructor as TransportClass;
      const other = await ServedTransport.start(Transport, { eventStore: keptStore });
      const answer = await (await other.open()).post(toolCall(1));
      await (await other.commanded.call(1)).notify("secret");
      await answer.untilMessages(1);
      const stolen = await (await served.open()).get(answer.events[0]?.id);
      await stolen.untilMessages(1);
      await other.stop();
      return stolen.messages[0]?.includes("secret") ? "its messages" : "an error for each of its ids";
    },
    sdk: "its messages",
    ours: "an error for each of its ids",
  },
  {
    when: "a GET with Last-Event-ID, without an event store",
    observe: (served) => resumeFrom(served, "any"),
    sdk: "stream",
    ours: "405 -32000 id=null",
  },
  {
    when: "a GET resumes the stream of an answer that was read to its end",
    options: withStore,
    observe: async (served) => {
      const { client, answer } = await answered(served);
      const again = await client.get(answer.cursor);
      return again.status === 200 ? `a stream that ${await ends(again)}` : String(again.status);
    },
    sdk: "a stream that stays open",
    ours: "405",
  },
  {
    when: "a GET resumes the stream of an answer that has not been read",
    options: withStore,
    observe: async (served) => {
      const { client, answer } = await answered(served);
      const rest = await client.get(answer.events[0]?.id);
      await rest.untilMessages(1);
      return `the answer, then it ${await ends(rest)}`;
    },
    sdk: "the answer, then it stays open",
    ours: "the answer, then it ends",
  },
  {
    when: "a GET resumes a stream whose connection is still open",
    options: withStore,
    observe: async (served) => {
      const client = await served.open();
      const first = await client.post(toolCall(1));
      await (await served.commanded.call(1)).notify("one");
      await first.untilMessages(1);
      const again = await client.get(first.cursor);
      if (again.status !== 200) return String(again.status);
      await first.untilOver();
      return `it takes over, and the other is told retry: ${first.events.at(-1)?.retryMs}`;
    },
    sdk: "409",
    ours: "it takes over, and the other is told retry: 60000",
  },
];
