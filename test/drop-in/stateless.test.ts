import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createMemoryStore } from "@durable-mcp/store-memory";
import type { EventStore } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { afterEach, describe, expect, it } from "vitest";
import { connectOfficialClient } from "../support/official-client.js";
import { SseFollower } from "../support/sse-follower.js";
import { EMBEDDED_STORES } from "../support/stores.js";
import { waitFor } from "../support/wait-for.js";
import { answerTo, initialize, ping, toolCall } from "./ask.js";
import { CommandedServer } from "./commanded-server.js";
import { ServedTransport } from "./served-transport.js";
import { ALL_CLASSES, OUR_CLASSES } from "./transport-classes.js";

const STATELESS_OPTIONS = { sessionIdGenerator: undefined };
const STATELESS = STATELESS_OPTIONS as never;

describe.each(ALL_CLASSES)("$name without sessionIdGenerator", ({ Transport }) => {
  let served: ServedTransport;
  afterEach(() => served.stop());

  it.each([
    { what: "initialize", body: initialize() },
    { what: "a call that nothing precedes", body: toolCall(1, "echo", { text: "hi" }) },
  ])("answers $what, and names no session", async ({ body }) => {
    served = await ServedTransport.start(Transport, STATELESS);
    const answer = await SseFollower.open(served.url, { method: "POST", body });
    await answer.untilOver();
    expect([answer.status, answer.header("mcp-session-id"), answer.messages.length]).toEqual([
      200,
      undefined,
      1,
    ]);
    expect(served.transport.sessionId).toBeUndefined();
  });

  it("asks for no session: any id will do, and a DELETE does nothing", async () => {
    const headers = { "mcp-session-id": "any" };
    for (const [request, answer] of [
      [{ method: "POST", body: ping(1) }, "stream"],
      [{ method: "POST", body: { jsonrpc: "2.0", method: "notifications/initialized" } }, "202"],
      [{ method: "GET" }, "stream"],
      [{ method: "DELETE" }, "200"],
    ] as const) {
      served = await ServedTransport.start(Transport, STATELESS);
      expect(await answerTo(served.url, { ...request, headers })).toBe(answer);
      await served.stop();
    }
  });

  it("serves one request: a second one is answered with 500, and throws nothing at an application that may not catch", async () => {
    served = await ServedTransport.start(Transport, STATELESS);
    expect(await answerTo(served.url, { method: "POST", body: initialize() })).toBe("stream");
    expect(await answerTo(served.url, { method: "POST", body: ping(1) })).toMatch(/^500/);
    expect(served.thrown).toEqual([]);
  });

  it("serves its request to the end, though a second one has been refused meanwhile", async () => {
    served = await ServedTransport.start(Transport, STATELESS);
    const answer = await SseFollower.open(served.url, { method: "POST", body: toolCall(1) });
    const call = await served.commanded.call(1);
    expect(await answerTo(served.url, { method: "POST", body: ping(2) })).toMatch(/^500/);
    call.finish("done");
    await answer.untilOver();
    expect(answer.messages).toEqual([expect.stringContaining("done")]);
  });

  it("sends notifications and requests of a call on its stream", async () => {
    served = await ServedTransport.start(Transport, STATELESS);
    const answer = await SseFollower.open(served.url, { method: "POST", body: toolCall(7) });
    const call = await served.commanded.call(1);
    await call.notify("first");
    await answer.untilMessages(1);
    await call.notify("second");
    call.finish("done");
    await answer.untilOver();
    expect(
      answer.messages.map((data) => JSON.parse(data)).map(({ params, id }) => params?.data ?? id),
    ).toEqual(["first", "second", 7]);
  });
});

describe.each(EMBEDDED_STORES)("G7 Without sessionIdGenerator, on our $name store,", ({ open }) => {
  it.each(OUR_CLASSES)(
    "$name serves the official client by one transport a request, and leaves no session behind",
    async ({ Transport }) => {
      const { store, dispose } = open();
      let closes = 0;
      const http = createServer(async (request, response) => {
        const eventStore = store as unknown as EventStore;
        const transport = new Transport({ eventStore });
        transport.onclose = () => {
          closes += 1;
        };
        await new CommandedServer().server.connect(transport);
        await transport.handleRequest(request, response);
      });
      await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
      const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
      const { client, requests, transport } = await connectOfficialClient(url);
      const calls = Array.from({ length: 20 }, (_, n) =>
        client.callTool({ name: "echo", arguments: { text: `${n}` } }),
      );
      expect(
        (await Promise.all(calls)).map(({ content }) => (content as { text: string }[])[0]?.text),
      ).toEqual(Array.from({ length: 20 }, (_, n) => `${n}`));
      expect(transport.sessionId).toBeUndefined();
      await client.close();
      await waitFor("the end of every transport", () => closes === requests.length);
      await waitFor("every session to be gone", async () => {
        const { sessions } = await store.sessions.list("", { limit: 100 });
        return sessions.length === 0;
      });
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await dispose();
    },
  );
});

describe.each(OUR_CLASSES)("G8 $name without sessionIdGenerator", ({ Transport }) => {
  it("throws nothing at anybody when its store fails after the answer", async () => {
    const store = createMemoryStore();
    let down = false;
    const terminate: typeof store.sessions.terminate = async (...args) => {
      if (down) throw new Error("the store is down");
      return store.sessions.terminate(...args);
    };
    const eventStore = { ...store, sessions: { ...store.sessions, terminate } };
    const served = await ServedTransport.start(Transport, { ...STATELESS_OPTIONS, eventStore } as never);
    const unhandled: unknown[] = [];
    const listener = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", listener);
    const answer = await SseFollower.open(served.url, { method: "POST", body: toolCall(1) });
    const call = await served.commanded.call(1);
    down = true;
    call.finish("done");
    await answer.untilOver();
    expect(answer.messages).toEqual([expect.stringContaining("done")]);
    await waitFor("its end", () => served.closes === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off("unhandledRejection", listener);
    expect([unhandled, served.thrown]).toEqual([[], []]);
    down = false;
    await served.stop();
  });
});
