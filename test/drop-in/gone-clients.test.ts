import { setTimeout as pause } from "node:timers/promises";
import { createMemoryStore } from "@durable-mcp/store-memory";
import { afterEach, describe, expect, it } from "vitest";
import { waitFor } from "../support/wait-for.js";
import { answerTo, initialize, ping, toolCall } from "./ask.js";
import { NumberingEventStore } from "./numbering-event-store.js";
import { type Options, ServedTransport } from "./served-transport.js";
import { ALL_CLASSES, OUR_CLASSES, type TransportClass } from "./transport-classes.js";

let served: ServedTransport;
afterEach(() => served.stop());

describe.each(ALL_CLASSES)("$name, with clients that go away and that hurry", ({ Transport }) => {
  /** A call whose client goes away before it is answered. */
  const cutCall = async () => {
    const gone: boolean[] = [];
    served = await ServedTransport.start(
      Transport,
      { eventStore: undefined },
      {
        handle: async (transport, request, response) => {
          response.on("close", () => gone.push(!response.writableFinished));
          await transport.handleRequest(request, response);
        },
      },
    );
    const client = await served.open();
    const answer = await client.post(toolCall(1));
    const call = await served.commanded.call(1);
    await call.notify("heard");
    await answer.untilMessages(1);
    answer.cut();
    await waitFor("the server to notice", () => gone.includes(true));
    return { client, call, answer };
  };

  it("tells the server object's onerror of an answer that reaches nobody, without an event store, and serves the session as before", async () => {
    const { client, call } = await cutCall();
    const errors: string[] = [];
    served.commanded.server.onerror = ({ message }) => errors.push(message);
    await call.notify("unheard");
    expect(errors).toEqual([]);
    call.finish("unheard");
    await waitFor("the error", () => errors.length > 0);
    expect(errors).toEqual([expect.stringContaining("No connection established for request ID: 1")]);
    // The id is free again.
    expect(await answerTo(served.url, { method: "POST", headers: client.headers, body: ping(1) })).toBe(
      "stream",
    );
  });

  it("keeps the answer with an event store, and tells nobody of an error", async () => {
    served = await ServedTransport.start(Transport, { eventStore: new NumberingEventStore() });
    const client = await served.open();
    const answer = await client.post(toolCall(1));
    const call = await served.commanded.call(1);
    await answer.until("a cursor", () => answer.cursor !== undefined);
    answer.cut();
    call.finish("kept");
    await (await client.post(ping(2))).untilOver();
    const rest = await client.get(answer.cursor);
    await rest.untilMessages(1);
    expect([rest.messages.length, JSON.parse(rest.messages[0] ?? "{}").id, served.errors]).toEqual([
      1,
      1,
      [],
    ]);
    rest.cut();
  });

  it("opens one session when initialize comes twice at once", async () => {
    await expectOneSession(Transport);
  });
});

it.each(OUR_CLASSES)(
  "$name opens one session when initialize comes twice at once, on a store that takes its time",
  async ({ Transport }) => {
    const store = createMemoryStore();
    const create: typeof store.sessions.create = async (...args) => {
      await pause(50);
      return store.sessions.create(...args);
    };
    await expectOneSession(Transport, { eventStore: { ...store, sessions: { ...store.sessions, create } } });
  },
);

/** Sends initialize twice at once, of which one must be refused as coming second. */
async function expectOneSession(Transport: TransportClass, options: Options = {}): Promise<void> {
  const opened: string[] = [];
  served = await ServedTransport.start(Transport, {
    ...options,
    onsessioninitialized: async (id: string) => {
      opened.push(id);
      await pause(5);
    },
  } as Options);
  const request = { method: "POST", body: initialize() };
  const answers = await Promise.all([answerTo(served.url, request), answerTo(served.url, request)]);
  expect(answers.sort()).toEqual([expect.stringMatching(/^400 -32600 /), "stream"]);
  expect(opened).toEqual([served.transport.sessionId]);
}
