import { EmptyResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, it, vi } from "vitest";
import { ControlledStore } from "./support/controlled-store.js";
import { soon } from "./support/soon.js";
import { callOf, over, TestBed, TestClient } from "./support/test-session.js";

describe("cancellation", () => {
  it("ends the stream without a response, and the id is free again", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    const call = await client.call(1);
    const running = await bed.dispatched(1);
    expect((await client.cancel(1)).status).toBe(202);
    await over(call);
    expect(call.messages).toEqual([]);
    await soon(() => expect(running.extra.signal.aborted).toBe(true));
    expect((await client.get(call.cursor)).status).toBe(405);
    const again = await client.call(1, "another");
    (await bed.dispatched(2)).finish("fine");
    await over(again);
    expect(again.messages).toMatchObject([{ id: 1, result: {} }]);
  });

  it("that comes before its request is remembered for 30 s", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    await client.cancel(1);
    const cancelled = await client.call(1);
    await over(cancelled);
    expect([cancelled.status, cancelled.messages, bed.calls.length]).toEqual([200, [], 0]);
    // Only once.
    const second = await client.call(1);
    (await bed.dispatched(1)).finish("fine");
    await over(second);
    await client.cancel(2);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 30_001 });
    try {
      await client.call(2);
    } finally {
      vi.useRealTimers();
    }
    await bed.dispatched(2);
  });

  it("that crosses the response is no early cancellation of the next request of that id", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    const call = await client.call(1);
    (await bed.dispatched(1)).finish("fine");
    await over(call);
    await client.cancel(1);
    await client.call(1);
    await bed.dispatched(2);
  });

  it("SDK v2's handlers go on reporting: that is dropped, where after an answer it is refused", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    const report = {
      jsonrpc: "2.0",
      method: "notifications/progress",
      params: { progressToken: 1, progress: 1 },
    };
    const say = (relatedRequestId: number) =>
      bed.server.transport?.send(report as never, { relatedRequestId });
    await client.call(1);
    await bed.dispatched(1);
    await client.cancel(1);
    await say(1);
    const call = await client.call(2);
    (await bed.dispatched(2)).finish("fine");
    await over(call);
    await expect(say(2)).rejects.toThrow("answered or cancelled");
  });

  it("of one request in a batch leaves the others to their answers", async () => {
    const bed = new TestBed();
    const client = await bed.open("2025-03-26");
    const answer = await client.post([callOf(1), callOf("two"), callOf(3)]);
    await bed.dispatched(3);
    await client.cancel("two");
    bed.calls[2]?.finish("three");
    bed.calls[0]?.finish("one");
    await over(answer);
    expect(answer.messages.map(({ id }) => id).sort()).toEqual([1, 3]);
  });

  it("of the last open request ends a batch whose others are answered", async () => {
    const bed = new TestBed();
    const client = await bed.open("2025-03-26");
    const answer = await client.post([callOf(1), callOf(2)]);
    (await bed.dispatched(2)).finish("two");
    await soon(() => expect(answer.messages).toHaveLength(1));
    await client.cancel(1);
    await over(answer);
    expect(answer.messages.map(({ id }) => id)).toEqual([2]);
  });

  it("of nothing, or of a strange id, does nothing", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    for (const requestId of [undefined, null, {}, "unknown"]) {
      const params = { requestId };
      const answer = await client.post({ jsonrpc: "2.0", method: "notifications/cancelled", params });
      expect(answer.status).toBe(202);
    }
    expect(bed.endpoint.stats()).toMatchObject({ sessions: 1, calls: 0 });
  });

  it("in JSON mode ends the request with 202", async () => {
    const bed = new TestBed({ enableJsonResponse: true });
    const client = await bed.open();
    const calling = client.call(1);
    await bed.dispatched(1);
    await client.cancel(1);
    const answer = await calling;
    await over(answer);
    expect([answer.status, answer.text]).toEqual([202, ""]);
  });
});

describe("a request whose id is in flight", () => {
  it("joins the first one's stream if it is the same, whatever the order of its members", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    const first = await client.call(1);
    const running = await bed.dispatched(1);
    await running.notify("one");
    const second = await client.post({
      params: { name: "tool" },
      method: "tools/call",
      id: 1,
      jsonrpc: "2.0",
    });
    await over(first);
    expect(first.frames.at(-1)).toEqual({ retry: 60_000 });
    running.finish("done");
    await over(second);
    expect(second.messages).toMatchObject([{ params: { data: "one" } }, { id: 1, result: {} }]);
    expect(bed.calls).toHaveLength(1);
  });

  it.each([
    ["another body", callOf(1, "other")],
    ["a batch with another one", [callOf(1), callOf(2)]],
    ["a batch that has it twice", [callOf(5), callOf(5)]],
  ])("is refused with %s", async (_, body) => {
    const bed = new TestBed();
    const client = await bed.open("2025-03-26");
    await client.call(1);
    await bed.dispatched(1);
    const refused = await client.post(body);
    expect([refused.status, refused.json]).toMatchObject([400, { error: { code: -32600 } }]);
    expect(bed.calls).toHaveLength(1);
    expect(bed.endpoint.stats().calls).toBe(1);
  });

  it('takes 1 and "1" for different ids', async () => {
    const bed = new TestBed();
    const client = await bed.open();
    const one = await client.call(1);
    const other = await client.call("1");
    (await bed.dispatched(2)).finish("string");
    await over(other);
    bed.calls[0]?.finish("number");
    await over(one);
    expect([one.messages, other.messages]).toMatchObject([
      [{ id: 1, result: { content: [{ text: "number" }] } }],
      [{ id: "1", result: { content: [{ text: "string" }] } }],
    ]);
  });
});

describe("a cancellation", () => {
  it("of an interrupted call, after it was concluded, does not meet the next request of that id", async () => {
    const control = new ControlledStore();
    const first = new TestBed({}, control);
    const client = await first.open();
    const call = await client.call(1);
    await (await first.dispatched(1)).notify("begun");
    await soon(() => expect(call.messages).toHaveLength(1));
    await first.endpoint.close();

    const second = new TestBed({}, control);
    const returned = new TestClient(second.endpoint, client.sessionId, client.headers);
    await over(await returned.get(call.cursor));
    await returned.cancel(1);
    const again = await returned.call(1);
    (await second.dispatched(1)).finish("fine");
    await over(again);
    expect(again.messages).toMatchObject([{ id: 1, result: {} }]);
  });

  it("tells the client of the server's own request that was sent for the call, on the GET stream", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    const get = await client.get();
    const call = await client.call(1);
    const { extra } = await bed.dispatched(1);
    const abort = new AbortController();
    const asking = extra.sendRequest({ method: "roots/list" }, EmptyResultSchema, { signal: abort.signal });
    await soon(() => expect(call.messages).toMatchObject([{ method: "roots/list", id: "1:0" }]));
    await client.cancel(1);
    await over(call);
    abort.abort("not needed any more");
    await expect(asking).rejects.toThrow("not needed any more");
    await soon(() => expect(get.messages).toHaveLength(1));
    expect(get.messages).toMatchObject([{ method: "notifications/cancelled", params: { requestId: "1:0" } }]);
  });
});
