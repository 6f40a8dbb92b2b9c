import { EmptyResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, it } from "vitest";
import { held, keptLog, twoNodes } from "./support/nodes.js";
import { soon } from "./support/soon.js";
import { callOf, over } from "./support/test-session.js";

describe("G5: a cancellation that comes to another node", () => {
  it.each(["here", "there"] as const)("ends the call that was sent %s, without a response", async (where) => {
    const { owner, there, ...nodes } = await twoNodes();
    const call = where === "here" ? await nodes.here.call(1) : await there.call(1);
    const { extra } = await owner.dispatched(1);
    expect((await there.cancel(1)).status).toBe(202);
    await over(call);
    expect([call.messages, extra.signal.aborted]).toEqual([[], true]);
    expect((await there.get(call.cursor)).status).toBe(405);
    expect((await nodes.here.get(call.cursor)).status).toBe(405);
    expect(owner.endpoint.stats().calls).toBe(0);

    const again = await there.call(1, "another");
    (await owner.dispatched(2)).finish("fine");
    await over(again);
    expect(again.messages).toMatchObject([{ id: 1, result: {} }]);
  });

  it("before its call is remembered, wherever that comes, and only once", async () => {
    const { lines, logger } = keptLog();
    const { owner, here, there } = await twoNodes({ logger });
    await there.cancel(1);
    await there.cancel(2);
    for (const cancelled of [await here.call(1), await there.call(2)]) {
      await over(cancelled);
      expect([cancelled.status, cancelled.messages]).toEqual([200, []]);
    }
    expect(owner.calls).toEqual([]);
    const second = await there.call(2);
    (await owner.dispatched(1)).finish("fine");
    await over(second);
    expect(second.messages).toMatchObject([{ id: 2, result: {} }]);
    expect(lines).toEqual([]);
  });

  it("together with its call, in the order of their coming", async () => {
    const { owner, there } = await twoNodes();
    const release = held(owner, "take");
    const calling = there.call(1);
    await soon(() => expect(owner.control.begun).toContain("take"));
    const cancelling = there.cancel(1);
    release();
    const call = await calling;
    await over(call);
    expect([(await cancelling).status, call.status, call.messages]).toEqual([202, 200, []]);
    expect(owner.endpoint.stats().calls).toBe(0);
  });

  it("after the response does nothing, and does not meet the next request of that id", async () => {
    const { owner, there } = await twoNodes();
    const call = await there.call(1);
    (await owner.dispatched(1)).finish("fine");
    await over(call);
    expect((await there.cancel(1)).status).toBe(202);
    const again = await there.call(1);
    (await owner.dispatched(2)).finish("fine");
    await over(again);
    expect(again.messages).toMatchObject([{ id: 1, result: {} }]);
  });

  it("of one request of a batch leaves the others to their answers (2025-03-26)", async () => {
    const { owner, there } = await twoNodes({}, { version: "2025-03-26" });
    const early = await there.cancel(3);
    expect(early.status).toBe(202);
    const answer = await there.post([callOf(1), callOf("two"), callOf(3)]);
    await owner.dispatched(2);
    await there.cancel("two");
    owner.calls[0]?.finish("one");
    await over(answer);
    expect(answer.messages).toMatchObject([{ id: 1, result: {} }]);
    expect(owner.calls).toHaveLength(2);
  });

  it("of the server's own request is told to the client there", async () => {
    const { owner, there } = await twoNodes();
    const [get, call] = [await there.get(), await there.call(1)];
    const { extra } = await owner.dispatched(1);
    const abort = new AbortController();
    const asking = extra.sendRequest({ method: "roots/list" }, EmptyResultSchema, { signal: abort.signal });
    await soon(() => expect(call.messages).toMatchObject([{ method: "roots/list", id: "1:0" }]));
    abort.abort("not needed any more");
    await expect(asking).rejects.toThrow("not needed any more");
    await soon(() => {
      const told = [...call.messages, ...get.messages].filter(
        ({ method }) => method === "notifications/cancelled",
      );
      expect(told).toMatchObject([{ params: { requestId: "1:0" } }]);
    });
  });
});
