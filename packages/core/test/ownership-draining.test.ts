import { describe, expect, it } from "vitest";
import type { ServerTransport } from "../src/server-transport.js";
import { die, finishing, INTERRUPTED, twoNodes } from "./support/nodes.js";
import { soon } from "./support/soon.js";
import { over } from "./support/test-session.js";

/** Within the time of these tests no heartbeat runs out. */
const NOBODY_DIES = { heartbeatTtlMs: 4_000 };
const AT_ONCE = { readinessGraceMs: 0, deadlineMs: 60_000 };

describe("G7, G10: a node that is drained", () => {
  it("puts off no more calls of a session than the next owner would take, and refuses the others", async () => {
    const { owner, other, here, there, inner, keyOf } = await twoNodes({
      ...NOBODY_DIES,
      maxCallsPerSession: 2,
    });
    const first = await there.call(1);
    const { finish } = await owner.dispatched(1);
    const drained = owner.endpoint.drain(AT_ONCE);
    await finishing(here);
    const calling = [there.call(2), there.call(3)];
    await soon(async () => expect((await inner.log.head(keyOf("inbox")))?.last).toBe(3));
    const refused = await there.call(4);
    expect([refused.status, refused.json]).toMatchObject([503, { id: 4, error: { code: -31012 } }]);
    finish("done");
    await over(first);
    await drained;
    await other.dispatched(2);
    for (const call of other.calls) call.finish("later");
    const answers = await Promise.all(calling);
    await Promise.all(answers.map(over));
    expect(answers.map(({ messages }) => messages)).toMatchObject([
      [{ id: 2, result: {} }],
      [{ id: 3, result: {} }],
    ]);
  });

  it("leaves the cancellation of a call that was put off to the next owner, however many there are", async () => {
    const { owner, other, here, there, inner, keyOf } = await twoNodes({
      ...NOBODY_DIES,
      maxCallsPerSession: 1,
    });
    const inbox = () => inner.log.head(keyOf("inbox"));
    const running = await here.call(1);
    const { finish } = await owner.dispatched(1);
    const drained = owner.endpoint.drain(AT_ONCE);
    await finishing(here);
    const calling = there.call(2);
    await soon(async () => expect((await inbox())?.oldest).toBe(2));
    const cancelling = there.cancel(2);
    await soon(async () => expect((await inbox())?.oldest).toBe(3));
    finish("done");
    await over(running);
    await drained;
    expect((await cancelling).status).toBe(202);
    await over(await calling);
    await over(await there.post({ jsonrpc: "2.0", id: 3, method: "ping" }));
    expect((await inner.log.openStreams(here.sessionId)).filter((id) => id.startsWith("p."))).toEqual([]);
    expect(other.servers.length).toBe(1);
  });

  it("leaves new calls to the next owner in a session, too, that it has taken over meanwhile", async () => {
    const { owner, other, there, at, newNode, inner, keyOf } = await twoNodes({
      onInterrupted: () => "dispatch-again",
    });
    const third = newNode();
    const running = await there.call(1);
    await owner.dispatched(1);
    const drained = other.endpoint.drain(AT_ONCE);
    await finishing(there);
    die(owner);
    const { finish } = await other.dispatched(1);
    const inbox = () => inner.log.head(keyOf("inbox"));
    const before = (await inbox())?.last ?? 0;
    const calling = at(third).call(2, "new work");
    await soon(async () => expect((await inbox())?.oldest).toBeGreaterThan(before + 1));
    finish("done");
    await over(running);
    (await third.dispatched(1)).finish("done");
    const answer = await calling;
    await over(answer);
    expect(answer.messages).toMatchObject([{ id: 2, result: {} }]);
    expect([other.calls.length, third.calls.length]).toEqual([1, 1]);
    await drained;
  });

  it("does not wait longer for callbacks of the application than it has time", async () => {
    const { owner, there } = await twoNodes(NOBODY_DIES);
    const transport = owner.server.transport as unknown as ServerTransport;
    let isAsked = false;
    transport.setScopeChallengeResolver(() => {
      isAsked = true;
      return new Promise(() => {});
    });
    const calling = there.call(1);
    await soon(() => expect(isAsked).toBe(true));
    await owner.endpoint.drain({ readinessGraceMs: 0, deadlineMs: 30 });
    const answer = await calling;
    await over(answer);
    expect(answer.messages).toMatchObject([{ id: 1, ...INTERRUPTED }]);
  });
});
