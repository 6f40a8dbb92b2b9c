import { afterEach, describe, expect, it } from "vitest";
import { rawRequest } from "../support/raw-http.js";
import { SseFollower } from "../support/sse-follower.js";
import { waitFor } from "../support/wait-for.js";
import { initialize, ping, toolCall } from "./ask.js";
import { NumberingEventStore } from "./numbering-event-store.js";
import { ServedTransport } from "./served-transport.js";
import { ALL_CLASSES } from "./transport-classes.js";

let served: ServedTransport;
afterEach(() => served.stop());

describe.each(ALL_CLASSES)("The streams of $name", ({ Transport }) => {
  const withStore = (options = {}) => ({ eventStore: new NumberingEventStore(), ...options });

  it.each([
    { what: "an id and the reconnection time", options: { retryInterval: 1234 }, retry: 1234 },
    { what: "an id alone, without retryInterval", options: {}, retry: undefined },
  ])("begin with $what, if there is an event store", async ({ options, retry }) => {
    served = await ServedTransport.start(Transport, withStore(options));
    const opening = await SseFollower.open(served.url, { method: "POST", body: initialize() });
    await opening.untilOver();
    expect(opening.events[0]).toEqual({ id: expect.stringMatching(/./), data: "", retryMs: retry });
    expect(opening.events[1]?.id).toMatch(/./);
    expect(opening.events.length).toBe(2);
  });

  it("begin with their first message, and without an id, if there is none", async () => {
    served = await ServedTransport.start(Transport, { retryInterval: 1234 });
    const opening = await SseFollower.open(served.url, { method: "POST", body: initialize() });
    await opening.untilOver();
    expect(opening.events).toEqual([
      { id: undefined, data: expect.stringMatching(/^{/), retryMs: undefined },
    ]);
  });

  it("begin with their first message for revisions that cannot take an empty event, and still carry ids", async () => {
    served = await ServedTransport.start(Transport, withStore({ retryInterval: 1234 }));
    const client = await served.open("2025-06-18");
    const answer = await client.post(ping(1));
    await answer.untilOver();
    const data = expect.stringContaining('"id":1');
    expect(answer.events).toEqual([{ id: expect.stringMatching(/./), data, retryMs: undefined }]);
  });

  it("are no cached, buffered or transformed ones", async () => {
    served = await ServedTransport.start(Transport);
    const client = await served.open();
    for (const answer of [await client.get(), await client.post(ping(1))]) {
      expect(answer.header("content-type")).toBe("text/event-stream");
      expect(answer.header("cache-control")).toBe("no-cache, no-transform");
      expect(answer.header("x-accel-buffering")).toBe("no");
      expect(answer.header("mcp-session-id")).toBe(client.sessionId);
      answer.cut();
    }
  });

  it.each([
    { keepAliveMs: 20, kept: true },
    { keepAliveMs: 0, kept: false },
    { keepAliveMs: 0.5, kept: false },
    { keepAliveMs: -1, kept: false },
  ])("are kept alive by comments every $keepAliveMs ms: $kept", async ({ keepAliveMs, kept }) => {
    served = await ServedTransport.start(Transport, { keepAliveMs });
    const client = await served.open();
    const controller = new AbortController();
    const headers = { ...client.headers, accept: "text/event-stream" };
    const response = await fetch(served.url, { headers, signal: controller.signal });
    let text = "";
    const reading = (async () => {
      for await (const piece of response.body ?? []) text += new TextDecoder().decode(piece);
    })().catch(() => {});
    const comments = () => text.match(/^:.*\n\n/gm)?.length ?? 0;
    if (kept) await waitFor("two comments", () => comments() >= 2);
    // As long as four of the comments that it must not send would take.
    else await new Promise((resolve) => setTimeout(resolve, 80));
    expect(comments() > 0).toBe(kept);
    controller.abort();
    await reading;
  });

  it("are no streams with enableJsonResponse: one JSON body, without what is related to the call", async () => {
    served = await ServedTransport.start(Transport, withStore({ enableJsonResponse: true }));
    const opening = await rawRequest(served.url, { method: "POST", body: initialize() });
    const header = (name: string) => opening.headers.find(([one]) => one.toLowerCase() === name)?.[1];
    expect(header("content-type")).toMatch(/^application\/json/);
    const headers = { "mcp-session-id": header("mcp-session-id") ?? "" };
    const answering = rawRequest(served.url, { method: "POST", headers, body: toolCall(5) });
    const call = await served.commanded.call(1);
    await call.notify("dropped");
    call.finish("done");
    expect(JSON.parse((await answering).body)).toEqual({
      jsonrpc: "2.0",
      id: 5,
      result: { content: [{ type: "text", text: "done" }] },
    });
    const batch = [
      ping(1),
      { jsonrpc: "2.0", method: "notifications/initialized" },
      toolCall(2, "echo", { text: "b" }),
    ];
    const old = await ServedTransport.start(Transport, { enableJsonResponse: true });
    const { headers: oldHeaders } = await old.open("2025-03-26");
    const answers = await rawRequest(old.url, { method: "POST", headers: oldHeaders, body: batch });
    expect(
      JSON.parse(answers.body)
        .map(({ id }: { id: number }) => id)
        .sort(),
    ).toEqual([1, 2]);
    await old.stop();
  });
});
