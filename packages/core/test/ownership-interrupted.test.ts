import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { die, INTERRUPTED, owned, twoNodes } from "./support/nodes.js";
import { soon } from "./support/soon.js";
import { callOf, over } from "./support/test-session.js";

describe("G4, G6: a call whose owner dies", () => {
  it("ends in an error on the connection that waits for it at another node", async () => {
    const { owner, other, there } = await twoNodes();
    const call = await there.call(1);
    await (await owner.dispatched(1)).notify("half");
    die(owner);
    await over(call);
    expect(call.messages).toMatchObject([{ params: { data: "half" } }, { id: 1, ...INTERRUPTED }]);
    expect([(await there.get(call.cursor)).status, other.calls]).toEqual([405, []]);
  });

  it.each(["before", "after"] as const)("and that is resumed at another node %s its death", async (when) => {
    const { owner, other, here, there } = await twoNodes();
    const call = await here.call(1);
    await (await owner.dispatched(1)).notify("half");
    await soon(() => expect(call.messages).toHaveLength(1));
    const resumeThere = () => there.get(call.cursor);
    const early = when === "before" ? await resumeThere() : undefined;
    die(owner);
    const resumed = early ?? (await resumeThere());
    await over(resumed);
    expect(resumed.messages).toMatchObject([{ id: 1, ...INTERRUPTED }]);
    expect(other.calls).toEqual([]);
  });

  it("before it was handed on, and whose id is too long for the name of its stream", async () => {
    const { owner, other, there, inner, keyOf } = await twoNodes();
    onTestFinished(owner.control.holdResult("take"));
    const id = "x".repeat(300);
    const calling = there.call(id);
    await soon(async () => expect((await inner.log.head(keyOf("inbox")))?.oldest).toBe(2));
    die(owner);
    const call = await calling;
    await over(call);
    expect(call.messages).toMatchObject([{ id, ...INTERRUPTED }]);
    expect([owner.calls, other.calls]).toEqual([[], []]);
  });

  it("with every request of a batch that is not answered yet (2025-03-26)", async () => {
    const { owner, there } = await twoNodes({}, { version: "2025-03-26" });
    const answer = await there.post([callOf(1), callOf(2), callOf(3)]);
    (await owner.dispatched(3)).finish("three");
    await soon(() => expect(answer.messages).toHaveLength(1));
    die(owner);
    await over(answer);
    expect(answer.messages.map(({ id }) => id).sort()).toEqual([1, 2, 3]);
    expect(answer.messages[0]).toMatchObject({ id: 3, result: {} });
  });

  it("goes on if it is to be dispatched again, on the same connection", async () => {
    const attempts: unknown[] = [];
    const { owner, other, there } = await twoNodes({
      onInterrupted: ({ id }, context) => {
        attempts.push([id, context.attempts]);
        return "dispatch-again";
      },
    });
    const call = await there.call(1);
    await (await owner.dispatched(1)).notify("half");
    die(owner);
    const again = await other.dispatched(1);
    await again.notify("again");
    again.finish("done");
    await over(call);
    expect(call.messages).toMatchObject([
      { params: { data: "half" } },
      { params: { data: "again" } },
      { id: 1, result: {} },
    ]);
    expect([attempts, other.calls.length]).toEqual([[[1, 1]], 1]);
  });

  it("and was dispatched again may be cancelled, closed and joined at the other nodes", async () => {
    const { owner, other, there, at, newNode } = await twoNodes({ onInterrupted: () => "dispatch-again" });
    const call = await there.call(1);
    await owner.dispatched(1);
    die(owner);
    const again = await other.dispatched(1);
    const third = at(newNode());
    const joined = await third.call(1);
    await over(call);
    expect(call.frames.at(-1)).toEqual({ retry: 60_000 });
    again.extra.closeSSEStream?.();
    await over(joined);
    const resumed = await third.get(joined.cursor);
    expect((await third.cancel(1)).status).toBe(202);
    await over(resumed);
    expect([resumed.messages, again.extra.signal.aborted]).toEqual([[], true]);
  });

  it("leaves its server's request without an answer: what the client sends later gets 202 and meets nobody", async () => {
    const { owner, other, there } = await twoNodes();
    const [get, call] = [await there.get(), await there.call(1)];
    const { extra } = await owner.dispatched(1);
    void extra.sendRequest({ method: "ping" }, z.object({})).catch(() => {});
    await soon(() => expect(call.messages).toMatchObject([{ id: "1:0", method: "ping" }]));
    die(owner);
    await owned(other);
    const taken = { method: "notifications/cancelled", params: { requestId: "1:0" } };
    await soon(() => expect(get.messages).toMatchObject([taken]));
    const asked = other.server.request({ method: "ping" }, z.object({ right: z.boolean() }));
    await soon(() => expect(get.messages.at(-1)).toMatchObject({ id: "2:0" }));
    const answer = (id: string, result: object) => there.post({ jsonrpc: "2.0", id, result });
    expect((await answer("1:0", { wrong: true })).status).toBe(202);
    expect((await answer("2:0", { right: true })).status).toBe(202);
    expect(await asked).toEqual({ right: true });
  });
});
