import { describe, expect, it, onTestFinished } from "vitest";
import { die, EXPIRY_MS, held, owned, twoNodes } from "./support/nodes.js";
import { soon } from "./support/soon.js";
import { over, TestClient } from "./support/test-session.js";

/** G6: within the expiry and a second. */
const AT_MOST_MS = EXPIRY_MS + 1_000;

const INITIALIZED = { jsonrpc: "2.0", method: "notifications/initialized" };

describe("G6: a dead owner's session is taken over", () => {
  it("for a new request", async () => {
    const { owner, other, there, record } = await twoNodes();
    const startMs = performance.now();
    die(owner);
    const calling = there.call(1);
    const call = await other.dispatched(1);
    expect(performance.now() - startMs).toBeLessThan(AT_MOST_MS);
    call.finish("done");
    const answer = await calling;
    await over(answer);
    expect(answer.messages).toMatchObject([{ id: 1, result: {} }]);
    expect([(await record()).fence, owner.calls]).toEqual([2, []]);
  });

  it("without one, for an open GET connection, which goes on in order", async () => {
    const { owner, other, there, record } = await twoNodes();
    const get = await there.get();
    const say = (bed: typeof owner, data: string) =>
      bed.server.notification({ method: "notifications/message", params: { level: "info", data } });
    await say(owner, "old");
    const startMs = performance.now();
    die(owner);
    await owned(other);
    expect(performance.now() - startMs).toBeLessThan(AT_MOST_MS);
    await say(other, "new");
    await soon(() => expect(get.messages.map(({ params }) => params.data)).toEqual(["old", "new"]));
    expect([get.ended, (await record()).fence]).toEqual([false, 2]);
  });

  it("not before its time is over, and by nobody who has nothing to do with it", async () => {
    const { owner, newNode, other, there, record } = await twoNodes();
    const bystander = newNode();
    await bystander.open();
    const get = await there.get();
    const startMs = performance.now();
    die(owner);
    await owned(other);
    expect(performance.now() - startMs).toBeGreaterThan(0.7 * EXPIRY_MS);
    expect(get.ended).toBe(false);
    get.disconnect();
    die(other);
    await soon(() => expect(performance.now() - startMs).toBeGreaterThan(3 * EXPIRY_MS));
    expect([(await record()).fence, bystander.servers.length]).toEqual([2, 1]);
  });

  it("and not if nobody waits for anything of it", async () => {
    const { owner, other, there, record } = await twoNodes();
    const answer = await there.call(1);
    (await owner.dispatched(1)).finish("done");
    await over(answer);
    const second = await owner.open();
    const get = await new TestClient(other.endpoint, second.sessionId, second.headers).get();
    die(owner);
    await owned(other);
    expect([get.ended, (await record()).fence]).toEqual([false, 1]);
  });

  it("by one of the survivors that wait for something, and all serve", async () => {
    const { owner, other, there, at, newNode, record } = await twoNodes();
    const third = newNode();
    const [one, two] = [await there.call(1), await at(third).call(2)];
    await owner.dispatched(2);
    die(owner);
    await Promise.all([over(one), over(two)]);
    expect(one.messages).toMatchObject([{ id: 1, error: { code: -31010 } }]);
    expect(two.messages).toMatchObject([{ id: 2, error: { code: -31010 } }]);
    expect([(await record()).fence, other.servers.length + third.servers.length]).toEqual([2, 1]);
    const answers = [await there.call(3), await at(third).call(4)];
    const winner = other.servers.length === 1 ? other : third;
    await winner.dispatched(2);
    for (const { finish } of winner.calls) finish("done");
    await Promise.all(answers.map(over));
    expect(answers.map(({ messages }) => messages)).toMatchObject([
      [{ id: 3, result: {} }],
      [{ id: 4, result: {} }],
    ]);
  });

  it("only by a node that has said that it is alive, as it did before it opened one", async () => {
    const { owner, there, at, newNode, inner } = await twoNodes();
    const third = newNode();
    await inner.sessions.release(there.sessionId, 1);
    await at(third).call(1);
    await third.dispatched(1);
    for (const [bed, act] of [
      [owner, "create"],
      [third, "claim"],
    ] as const) {
      const { begun } = bed.control;
      expect(begun.slice(0, begun.indexOf(act))).toContain("heartbeat");
    }
  });

  it("at once by a node of the same name, since that is the same one started again", async () => {
    const { owner, here, at, newNode, other } = await twoNodes({ heartbeatTtlMs: 5_000, nodeId: "a" });
    expect(here.sessionId).toBeDefined();
    die(owner);
    await other.endpoint.close();
    const again = newNode();
    const startMs = performance.now();
    const calling = at(again).call(1);
    (await again.dispatched(1)).finish("done");
    await over(await calling);
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });
});

describe("G6: what waits in a dead owner's inbox", () => {
  it("and was not taken is handed on exactly once, by the next owner", async () => {
    const { owner, other, there } = await twoNodes();
    owner.control.fail("take");
    const heard: string[] = [];
    const posting = there.post(INITIALIZED);
    const calling = there.call(1);
    await soon(() => expect(owner.control.begun).toContain("take"));
    die(owner);
    const call = await other.dispatched(1);
    other.server.fallbackNotificationHandler = async ({ method }) => void heard.push(method);
    expect((await posting).status).toBe(202);
    const after = await there.call(2);
    (await other.dispatched(2)).finish("two");
    await over(after);
    call.finish("done");
    const answer = await calling;
    await over(answer);
    expect(answer.messages).toMatchObject([{ id: 1, result: {} }]);
    expect([owner.calls.length, other.calls.length]).toEqual([0, 2]);
  });

  it("is taken by the next owner, though the node that put it there is gone as well", async () => {
    const { owner, other, there, at, newNode, inner, keyOf } = await twoNodes();
    held(owner, "take");
    const posting = there.post(INITIALIZED);
    await soon(() => expect(owner.control.begun).toContain("take"));
    await other.endpoint.close();
    expect((await posting).status).toBe(503);
    await inner.sessions.release(there.sessionId, 1);
    const third = newNode();
    await at(third).call(1);
    await third.dispatched(1);
    await soon(async () => expect((await inner.log.head(keyOf("inbox")))?.oldest).toBe(2));
  });

  it("and was taken and not handed on ends in an explicit error, and is handed on by nobody", async () => {
    const { owner, other, there, inner, keyOf } = await twoNodes();
    onTestFinished(owner.control.holdResult("take"));
    const calling = there.call(1);
    await soon(async () => expect((await inner.log.head(keyOf("inbox")))?.oldest).toBe(2));
    die(owner);
    const answer = await calling;
    await over(answer);
    expect(answer.messages).toMatchObject([{ id: 1, error: { code: -31010, data: { retryable: true } } }]);
    expect((await there.get(answer.cursor)).status).toBe(405);
    expect([owner.calls, other.calls]).toEqual([[], []]);
  });

  it("a notification that was taken and not handed on is told so: no 202", async () => {
    const { owner, there, inner, keyOf } = await twoNodes();
    onTestFinished(owner.control.holdResult("take"));
    const posting = there.post(INITIALIZED);
    await soon(async () => expect((await inner.log.head(keyOf("inbox")))?.oldest).toBe(2));
    die(owner);
    const refused = await posting;
    expect(refused.status).toBe(503);
    expect(refused.json).toMatchObject({ error: { code: -31010, data: { retryable: true } } });
  });
});

describe("a session that cannot be restored", () => {
  const BROKEN = {
    createServer: () => {
      throw new Error("no server today");
    },
  };

  it("answers 500 and is left to others", async () => {
    const { owner, there, at, newNode, record } = await twoNodes();
    const broken = newNode(BROKEN);
    const [get, call] = [await at(broken).get(), at(broken).call(1)];
    owner.control.fail("take");
    die(owner);
    const refused = await call;
    expect([refused.status, refused.json]).toMatchObject([500, { id: 1, error: { code: -32603 } }]);
    await over(get);
    expect(get.frames.at(-1)).toEqual({ retry: 3_000 });
    expect((await record()).nodeId).toBe("");
    const next = await there.call(2);
    expect(next.status).toBe(200);
    expect((await record()).nodeId).not.toBe("");
  });

  it("by the node that was first does not keep another one from it, nor from all other sessions", async () => {
    const { owner, there, at, newNode, other } = await twoNodes();
    await owner.endpoint.close();
    const broken = newNode(BROKEN);
    const release = held(other, "claim");
    const calling = there.call(1);
    await soon(() => expect(other.control.begun).toContain("claim"));
    expect((await at(broken).call(2)).status).toBe(500);
    release();
    (await other.dispatched(1)).finish("done");
    const answer = await calling;
    await over(answer);
    expect(answer.messages).toMatchObject([{ id: 1, result: {} }]);
  });
});
