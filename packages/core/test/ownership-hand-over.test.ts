import { EmptyResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ServerTransport } from "../src/server-transport.js";
import { finishing, held, INTERRUPTED, owned, twoNodes } from "./support/nodes.js";
import { soon } from "./support/soon.js";
import { over, TestClient } from "./support/test-session.js";

/** Within the time of these tests no heartbeat runs out. */
const NOBODY_DIES = { heartbeatTtlMs: 4_000 };
const AT_ONCE = { readinessGraceMs: 0, deadlineMs: 60_000 };
const INITIALIZED = { jsonrpc: "2.0", method: "notifications/initialized" };

afterEach(() => vi.useRealTimers());

describe("G10: a node that is drained", () => {
  it("gives idle sessions away at once, while a busy one finishes; those who follow them notice nothing", async () => {
    const { owner, other, here, there, record } = await twoNodes(NOBODY_DIES);
    const busy = await owner.open();
    const busyThere = new TestClient(other.endpoint, busy.sessionId, busy.headers);
    const [get, call] = [await there.get(), await busyThere.call(1)];
    const running = await owner.dispatched(1);
    const drained = owner.endpoint.drain(AT_ONCE);
    await owned(other);
    expect([get.ended, owner.endpoint.stats().sessions, (await record()).fence]).toEqual([false, 1, 2]);
    await other.server.sendToolListChanged();
    await soon(() => expect(get.messages).toHaveLength(1));
    const elsewhere = await there.call(5);
    (await other.dispatched(1)).finish("done");
    await over(elsewhere);

    await running.notify("half");
    running.finish("done");
    await over(call);
    expect(call.messages).toMatchObject([{ params: { data: "half" } }, { id: 1, result: {} }]);
    await drained;
    expect(here.sessionId).not.toBe(busy.sessionId);
    expect((await other.control.inner.sessions.get(busy.sessionId))?.nodeId).toBe("");
    const next = await busyThere.call(2);
    (await other.dispatched(2)).finish("done");
    await over(next);
  });

  it("leaves calls that come meanwhile to the next owner, which dispatches each of them once", async () => {
    const { owner, other, here, there, at, newNode } = await twoNodes(NOBODY_DIES);
    const third = newNode();
    const first = await there.call(1);
    const { finish } = await owner.dispatched(1);
    const drained = owner.endpoint.drain(AT_ONCE);
    await finishing(here);
    const calling = [there.call(2), at(third).call(3), there.call(4)];
    expect((await there.post(INITIALIZED)).status, "no new work").toBe(202);
    expect(owner.calls).toHaveLength(1);
    finish("done");
    await over(first);
    expect(first.messages).toMatchObject([{ id: 1, result: {} }]);
    await drained;
    const startMs = performance.now();
    await soon(() => expect(other.calls.length + third.calls.length).toBe(3));
    expect(performance.now() - startMs).toBeLessThan(2_000);
    for (const { finish: done } of [...other.calls, ...third.calls]) done("later");
    const answers = await Promise.all(calling);
    await Promise.all(answers.map(over));
    expect(
      answers.map(({ messages }) => messages.map(({ id, result }) => [id, result?.content[0].text])),
    ).toEqual([[[2, "later"]], [[3, "later"]], [[4, "later"]]]);
    expect([owner.calls.length, other.servers.length + third.servers.length]).toEqual([1, 1]);
  });

  it("hears what a running call waits for, from another node", async () => {
    const { owner, here, there } = await twoNodes();
    const call = await there.call(1);
    const { extra, finish } = await owner.dispatched(1);
    const asked = extra.sendRequest({ method: "ping" }, EmptyResultSchema);
    await soon(() => expect(call.messages).toHaveLength(1));
    const drained = owner.endpoint.drain(AT_ONCE);
    await finishing(here);
    const answer = { jsonrpc: "2.0", id: call.messages[0].id, result: {} };
    expect((await there.post(answer)).status).toBe(202);
    await asked;
    finish("heard");
    await over(call);
    await drained;
  });

  it("refuses no call that had come before, though it is still looked at", async () => {
    const { owner, here, there } = await twoNodes();
    const transport = owner.server.transport as unknown as ServerTransport;
    const decided: ((challenge: undefined) => void)[] = [];
    transport.setScopeChallengeResolver(({ request }) =>
      request.method === "ping" ? undefined : new Promise((resolve) => decided.push(resolve)),
    );
    const calling = there.call(1);
    await soon(() => expect(decided).toHaveLength(1));
    const drained = owner.endpoint.drain(AT_ONCE);
    await finishing(here);
    decided[0]?.(undefined);
    (await owner.dispatched(1)).finish("done");
    const answer = await calling;
    await over(answer);
    expect(answer.messages).toMatchObject([{ id: 1, result: {} }]);
    await drained;
  });

  it("lets no call run on at the next owner that its client has cancelled meanwhile", async () => {
    const { owner, other, here, there } = await twoNodes();
    const first = await there.call(1);
    const { finish } = await owner.dispatched(1);
    const drained = owner.endpoint.drain(AT_ONCE);
    await finishing(here);
    const calling = there.call(2);
    const cancelling = there.cancel(2);
    await soon(() =>
      expect(owner.control.begun.filter((operation) => operation === "take").length).toBeGreaterThan(1),
    );
    finish("done");
    await over(first);
    await drained;
    expect((await cancelling).status).toBe(202);
    const answer = await calling;
    await over(answer);
    expect(answer.messages).toEqual([]);
    for (const { extra } of other.calls) expect(extra.signal.aborted).toBe(true);
  });

  it("lets calls wait for the next owner as long as others run here", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { owner, other, here, there } = await twoNodes();
    const first = await there.call(1);
    const { finish } = await owner.dispatched(1);
    const drained = owner.endpoint.drain(AT_ONCE);
    await finishing(here);
    const calling = there.call(2);
    await soon(() => expect(owner.control.begun).toContain("take"));
    await vi.advanceTimersByTimeAsync(40_000);
    expect(await Promise.race([calling, Promise.resolve("waits")])).toBe("waits");
    finish("done");
    await over(first);
    (await other.dispatched(1)).finish("later");
    const answer = await calling;
    await over(answer);
    expect(answer.messages).toMatchObject([{ id: 2, result: {} }]);
    await drained;
  });

  it("takes nothing from what waits in a full inbox when it gives calls back (G7)", async () => {
    const { owner, other, here, there, inner, keyOf, record } = await twoNodes(
      {},
      { backend: { retention: { maxEvents: 2 } } },
    );
    const first = await there.call(1);
    const { finish } = await owner.dispatched(1);
    const drained = owner.endpoint.drain(AT_ONCE);
    await finishing(here);
    const calling = [there.call(2), there.call(3)];
    await soon(async () => expect((await inner.log.head(keyOf("inbox")))?.oldest).toBe(4));
    finish("done");
    await over(first);
    const release = held(owner, "append");
    const count = owner.control.begun.length;
    await soon(() => expect(owner.control.begun.slice(count)).toContain("append"));
    const posting = [there.post(INITIALIZED), there.post(INITIALIZED)];
    await soon(async () => expect((await inner.log.head(keyOf("inbox")))?.last).toBe(5));
    expect((await record()).nodeId, "not given up before").not.toBe("");
    release();
    await drained;
    const answers = await Promise.all(calling);
    expect((await Promise.all(posting)).map(({ status }) => status)).toEqual([202, 202]);
    for (const answer of answers) {
      if (answer.status !== 503) expect(answer.status).toBe(200);
    }
    await soon(() => expect(other.calls).toHaveLength(answers.filter(({ status }) => status === 200).length));
  });

  it("leaves what runs at the deadline to the next owner, which tells its client", async () => {
    const { owner, other, there } = await twoNodes();
    const call = await there.call(1);
    await owner.dispatched(1);
    await owner.endpoint.drain({ readinessGraceMs: 0, deadlineMs: 30 });
    await over(call);
    expect(call.messages).toMatchObject([{ id: 1, ...INTERRUPTED }]);
    expect([owner.endpoint.stats().sessions, other.endpoint.stats().sessions]).toEqual([0, 1]);
  });
});
