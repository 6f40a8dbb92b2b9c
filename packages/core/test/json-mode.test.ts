import { afterEach, describe, expect, it, vi } from "vitest";
import { soon } from "./support/soon.js";
import { callOf, over, TestBed } from "./support/test-session.js";

afterEach(() => vi.useRealTimers());

describe("JSON mode", () => {
  it("answers with one body and stores nothing of it", async () => {
    const bed = new TestBed({ enableJsonResponse: true });
    const client = await bed.open();
    const calling = client.call(1);
    const running = await bed.dispatched(1);
    await running.notify("dropped");
    running.finish("done");
    const answer = await calling;
    await over(answer);
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/json"]);
    expect(answer.json).toMatchObject({ id: 1, result: { content: [{ text: "done" }] } });
    expect(bed.control.begun).not.toContain("append");
  });

  it("answers a batch with an array, in the order of the answers", async () => {
    const bed = new TestBed({ enableJsonResponse: true });
    const client = await bed.open("2025-03-26");
    const calling = client.post([callOf(1), callOf(2)]);
    (await bed.dispatched(2)).finish("two");
    bed.calls[0]?.finish("one");
    const answer = await calling;
    await over(answer);
    expect((answer.json as { id: number }[]).map(({ id }) => id).sort()).toEqual([1, 2]);
  });

  it("refuses the server's own requests at once: there is no stream to carry them", async () => {
    const bed = new TestBed({ enableJsonResponse: true });
    const client = await bed.open();
    void client.call(1);
    const running = await bed.dispatched(1);
    const { z } = await import("zod");
    await expect(running.extra.sendRequest({ method: "ping" }, z.object({}))).rejects.toThrow(/JSON/);
  });

  it("refuses the same request while it is in flight: one body cannot be joined", async () => {
    const bed = new TestBed({ enableJsonResponse: true });
    const client = await bed.open();
    void client.call(1);
    await bed.dispatched(1);
    expect((await client.call(1)).status).toBe(400);
  });

  it.each([
    ["close", -31012],
    ["delete", -31010],
  ] as const)("%s answers what is in flight", async (how, code) => {
    const bed = new TestBed({ enableJsonResponse: true });
    const client = await bed.open();
    const calling = client.call(1);
    await bed.dispatched(1);
    await (how === "close" ? bed.endpoint.close() : client.delete());
    const answer = await calling;
    await over(answer);
    expect(answer.json).toMatchObject({ id: 1, error: { code } });
  });

  it("G7: a request in flight keeps its session from expiring, until its client goes away", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
    const bed = new TestBed({ enableJsonResponse: true, idleTtlMs: 1_000 });
    const client = await bed.open();
    const calling = client.call(1);
    await soon(() => expect(bed.calls).toHaveLength(1));
    await vi.advanceTimersByTimeAsync(5_000);
    bed.calls[0]?.finish("late");
    const answer = await calling;
    await soon(() => expect(answer.ended).toBe(true));
    expect(answer.json).toMatchObject({ id: 1, result: { content: [{ text: "late" }] } });
    const abandoned = client.call(2);
    await soon(() => expect(bed.calls).toHaveLength(2));
    (await abandoned).disconnect();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(bed.endpoint.stats().sessions).toBe(0);
  });
});
