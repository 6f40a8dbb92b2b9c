import { describe, expect, it } from "vitest";
import { die, EXPIRY_MS, held, INTERRUPTED, keptLog, owned, pause, twoNodes } from "./support/nodes.js";
import { soon } from "./support/soon.js";
import { over, type TestBed, TestClient } from "./support/test-session.js";

const INITIALIZED = { jsonrpc: "2.0", method: "notifications/initialized" };

/** Real time passes while nothing is to happen. */
const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("G6: an owner that stood still until another node took over", () => {
  it("writes nothing when it wakes up, closes what it has, and says so in one line of its log", async () => {
    const { lines, logger } = keptLog();
    const { owner, other, here, there, inner, keyOf, record } = await twoNodes({ logger });
    const clients = [here, await owner.open(), await owner.open()];
    const gets = clients.map(({ sessionId, headers }) =>
      new TestClient(other.endpoint, sessionId, headers).get(),
    );
    await Promise.all(gets);
    const atOwner = await here.call(1);
    const late = await owner.dispatched(1);
    let closed = 0;
    for (const server of owner.servers) {
      server.onclose = () => {
        closed += 1;
      };
    }

    const wakeUp = pause(owner);
    void late.notify("late").catch(() => {});
    late.finish("late");
    void owner.servers[0]?.sendToolListChanged().catch(() => {});
    await soon(() => expect(other.endpoint.stats().sessions).toBe(3));
    const resumed = await there.get(atOwner.cursor);
    await over(resumed);
    expect(resumed.messages).toMatchObject([{ id: 1, error: { code: -31010 } }]);
    const streams = ["g", streamOf(atOwner.cursor)];
    const stored = () => Promise.all(streams.map((streamId) => inner.log.head(keyOf(streamId))));
    const before = [await stored(), await record()];

    wakeUp();
    await soon(() => expect([owner.endpoint.stats().sessions, closed]).toEqual([0, 3]));
    await over(atOwner);
    expect(atOwner.messages).toEqual([]);
    expect([await stored(), await record()]).toEqual(before);
    const lost = () => lines.filter(({ message }) => message.includes("owned by other nodes"));
    await soon(() => expect(lost()).toHaveLength(1));
    await pass(150);
    expect(lost()).toMatchObject([{ details: { count: 3 } }]);
    expect(JSON.stringify(lines)).not.toContain(here.sessionId);

    const calling = here.call(2);
    (await other.dispatched(1)).finish("done");
    await over(await calling);
  });

  it("looks into the store before it serves a request again", async () => {
    const { owner, other, here, there, record } = await twoNodes();
    await there.get();
    await there.post(INITIALIZED);
    // By what comes into its inbox it would notice.
    held(owner, "take");
    const release = held(owner, "heartbeat");
    await owned(other);
    expect(owner.endpoint.stats().sessions).toBe(1);
    const calling = here.call(1);
    await pass(20);
    expect(owner.calls).toEqual([]);
    release();
    (await other.dispatched(1)).finish("done");
    await over(await calling);
    expect([owner.calls, (await record()).fence]).toEqual([[], 2]);
  });

  it("notices by what comes for it, though its heartbeats never lapsed", async () => {
    const { owner, other, there, inner } = await twoNodes();
    const call = await there.call(1);
    await owner.dispatched(1);
    await inner.sessions.claim(there.sessionId, 1, "somebody:else");
    const calling = there.call(2);
    await soon(() => expect(owner.endpoint.stats().sessions).toBe(0));
    (await other.dispatched(1)).finish("done");
    const answer = await calling;
    await Promise.all([call, answer].map(over));
    expect([call.messages, answer.messages]).toMatchObject([
      [{ id: 1, ...INTERRUPTED }],
      [{ id: 2, result: {} }],
    ]);
    expect(owner.calls).toHaveLength(1);
  });

  it("does not give back what it had taken: its clients were told that it is lost", async () => {
    const { owner, other, there, inner, keyOf } = await twoNodes();
    const releaseTake = held(owner, "take");
    const releaseUpdate = held(owner, "update");
    const inbox = () => inner.log.head(keyOf("inbox"));
    const posting = there.post(INITIALIZED);
    await soon(async () => expect((await inbox())?.last).toBe(1));
    const calling = there.call(1);
    await soon(async () => expect((await inbox())?.last).toBe(2));
    releaseTake();
    await soon(async () => expect((await inbox())?.oldest).toBe(3));
    const releaseHeartbeat = held(owner, "heartbeat");
    const answer = await calling;
    await over(answer);
    expect(answer.messages).toMatchObject([{ id: 1, ...INTERRUPTED }]);
    releaseHeartbeat();
    await soon(() => expect(owner.endpoint.stats().sessions).toBe(0));
    releaseUpdate();
    await pass(50);
    await posting;
    expect([owner.calls, other.calls]).toEqual([[], []]);
  });
});

describe("G6, G8: an owner that lives keeps its sessions", () => {
  it("though its heartbeats lapse, if nobody took them; meanwhile it serves nobody", async () => {
    const { owner, here, there, record } = await twoNodes();
    const get = await here.get();
    owner.control.fail("heartbeat");
    await soon(async () => expect((await here.call(1)).status).toBe(503));
    await pass(EXPIRY_MS);
    owner.control.recover();
    await soon(async () => expect((await here.call(2)).status).toBe(200));
    const [call] = owner.calls.slice(-1);
    call?.finish("done");
    const forwarded = await there.call(3);
    owner.calls.at(-1)?.finish("done");
    await over(forwarded);
    expect([get.ended, owner.servers.length, (await record()).fence]).toEqual([false, 1, 1]);
  });

  const failing = (node: TestBed) => {
    die(node);
    return () => node.control.recover();
  };

  it.each([
    ["fails", failing],
    ["hangs", pause],
  ] as const)("though the store %s for all nodes, and another one is back before it", async (_, outage) => {
    const { owner, other, there, record } = await twoNodes();
    const get = await there.get();
    await there.post(INITIALIZED);
    const [ownerBack, otherBack] = [outage(owner), outage(other)];
    await pass(EXPIRY_MS * 1.5);
    otherBack();
    await pass(EXPIRY_MS / 10);
    ownerBack();
    await pass(EXPIRY_MS);
    expect((await record()).fence).toBe(1);
    expect([owner.endpoint.stats().sessions, other.endpoint.stats().sessions, get.ended]).toEqual([
      1,
      0,
      false,
    ]);
    await owner.server.sendToolListChanged();
    await soon(() => expect(get.messages).toHaveLength(1));
  });
});

function streamOf(cursor: string | undefined): string {
  return cursor?.split(".").slice(0, -2).join(".") ?? "";
}
