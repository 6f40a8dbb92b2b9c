import { EmptyResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, it } from "vitest";
import type { DrainOptions } from "../src/index.js";
import { INITIALIZE, PING } from "./support/answer-rows.js";
import { ask } from "./support/fake-http.js";
import { soon } from "./support/soon.js";
import { callOf, over, TestBed, TestClient } from "./support/test-session.js";

const REFUSED = {
  status: 503,
  json: { error: { code: -31012, data: { reason: "DRAINING", retryable: true } } },
};
/** No test waits for it. */
const LONG = { readinessGraceMs: 60_000, deadlineMs: 60_000 };
const AT_ONCE = { readinessGraceMs: 0, deadlineMs: 60_000 };

/** Several times as long as the endpoint waits between two looks, in ms. */
const WATCH_MS = 80;

/** Whether a promise is not settled, now or after some ms. */
async function isPending(promise: Promise<unknown>, ms = 0): Promise<boolean> {
  const pending = Symbol("pending");
  const later = new Promise((resolve) => setTimeout(resolve, ms, pending));
  return (await Promise.race([promise, later])) === pending;
}

/** A session with a GET stream that is open, and a call that runs. */
async function busy(): Promise<{ bed: TestBed; client: TestClient; get: Answer; call: Answer }> {
  const bed = new TestBed();
  const client = await bed.open();
  const get = await client.get();
  const call = await client.call(1);
  await bed.dispatched(1);
  return { bed, client, get, call };
}
type Answer = Awaited<ReturnType<TestClient["get"]>>;

describe("G10: an endpoint that is drained", () => {
  it("is not ready and opens no sessions at once, and serves those that it has", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    await bed.endpoint.ready();
    const drained = bed.endpoint.drain(LONG);
    await expect(bed.endpoint.ready()).rejects.toMatchObject({ code: "DRAINING", retryable: true });
    const refused = await ask(bed.endpoint, { body: INITIALIZE });
    expect(refused).toMatchObject(REFUSED);
    expect(refused.headers).toMatchObject({ "retry-after": "2", connection: "close" });
    const answer = await client.post(PING);
    await over(answer);
    expect(answer.messages).toMatchObject([{ id: 7, result: {} }]);
    const get = await client.get();
    expect([get.status, get.ended]).toEqual([200, false]);
    expect(await isPending(drained)).toBe(true);
    await bed.endpoint.close();
    await drained;
    expect(get.ended).toBe(true);
  });

  it("then tells GET streams to come back, takes no new calls, and lets those finish that run", async () => {
    const { bed, client, get, call } = await busy();
    const drained = bed.endpoint.drain(AT_ONCE);
    await over(get);
    expect(get.frames.at(-1)).toEqual({ retry: 3_000 });

    expect(await client.post(PING)).toMatchObject(REFUSED);
    for (const again of [await client.get(), await client.get(get.cursor)]) {
      await over(again);
      expect(again.frames).toEqual([{ id: expect.stringMatching(/^g\./), retry: 3_000, data: "" }]);
    }
    const initialized = await client.post({ jsonrpc: "2.0", method: "notifications/initialized" });
    expect(initialized.status, "no new work").toBe(202);

    await bed.calls[0]?.notify("half");
    expect(call.messages).toHaveLength(1);
    call.disconnect();
    expect(await isPending(drained, WATCH_MS), "the call runs on without its client").toBe(true);
    const resumed = await client.get(call.cursor);
    expect([await isPending(drained), resumed.ended]).toEqual([true, false]);
    bed.calls[0]?.finish("done");
    await over(resumed);
    expect(resumed.messages).toMatchObject([{ id: 1, result: { content: [{ text: "done" }] } }]);
    await drained;
    expect(bed.endpoint.stats()).toMatchObject({ sessions: 0, connections: 0 });
  });

  it("lets a call hear the answers of its client", async () => {
    const { bed, client, call } = await busy();
    const [running] = bed.calls;
    const asked = running?.extra.sendRequest({ method: "ping" }, EmptyResultSchema);
    await soon(() => expect(call.messages).toHaveLength(1));
    const drained = bed.endpoint.drain(AT_ONCE);
    const answer = { jsonrpc: "2.0", id: call.messages[0].id, result: {} };
    expect((await client.post(answer)).status).toBe(202);
    await asked;
    running?.finish("heard");
    await drained;
    expect(call.messages.at(-1)).toMatchObject({ id: 1, result: { content: [{ text: "heard" }] } });
  });

  it("leaves what runs at the deadline to the session's next owner", async () => {
    const { bed, client, call } = await busy();
    await bed.endpoint.drain({ deadlineMs: 30 });
    expect(call).toMatchObject({ ended: true });
    expect(call.messages).toEqual([]);
    expect(await client.post(callOf(2))).toMatchObject(REFUSED);
    const next = new TestBed({}, bed.control);
    const resumed = await new TestClient(next.endpoint, client.sessionId, client.headers).get(call.cursor);
    await over(resumed);
    expect(resumed.messages).toMatchObject([{ id: 1, error: { code: -31010 } }]);
  });

  it("waits for clients that read slowly", async () => {
    const { bed, call } = await busy();
    call.slow = true;
    await bed.calls[0]?.notify("fills the socket");
    const drained = bed.endpoint.drain(AT_ONCE);
    bed.calls[0]?.finish("done");
    await soon(() => expect(bed.endpoint.stats()).toMatchObject({ calls: 0, connections: 1 }));
    expect(await isPending(drained, WATCH_MS)).toBe(true);
    call.slow = false;
    call.drain();
    await drained;
    expect(call.messages.at(-1)).toMatchObject({ id: 1, result: {} });
  });

  it("asked again, is drained once; closed meanwhile, is closed at once", async () => {
    const { bed, get } = await busy();
    const drained = [bed.endpoint.drain(LONG), bed.endpoint.drain(AT_ONCE)];
    expect(await isPending(Promise.race(drained), WATCH_MS)).toBe(true);
    expect(get.ended).toBe(false);
    await bed.endpoint.close();
    await Promise.all(drained);
    expect(bed.endpoint.stats().sessions).toBe(0);
  });

  it.each([
    [{ deadlineMs: -1 }, "drain: options.deadlineMs: expected ms, >= 0"],
    [{ readinessGraceMs: 2, deadlineMs: 1 }, "drain: options.readinessGraceMs: expected at most deadlineMs"],
    [{ graceMs: 1 }, "drain: options.graceMs: unknown option"],
  ])("refuses wrong options: %j, and goes on serving", async (options, says) => {
    const bed = new TestBed();
    // What no compiler has looked at.
    await expect(bed.endpoint.drain(options as DrainOptions)).rejects.toThrow(new TypeError(says));
    await bed.endpoint.ready();
    await bed.open();
  });
});
