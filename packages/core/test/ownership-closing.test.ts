import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { held, INTERRUPTED, owned, twoNodes } from "./support/nodes.js";
import { soon } from "./support/soon.js";
import { over, TestClient } from "./support/test-session.js";

/** Within the time of these tests no heartbeat runs out. */
const NOBODY_DIES = { heartbeatTtlMs: 4_000 };

afterEach(() => vi.useRealTimers());

describe("a node that is closed", () => {
  it("gives its sessions up at once: to those who follow them, and to whoever is asked next", async () => {
    const { owner, other, here, there } = await twoNodes(NOBODY_DIES);
    const forgotten = await owner.open();
    const get = await there.get();
    const getAtOwner = await here.get();
    await over(get);
    const followed = await there.get();
    await owner.endpoint.close();
    await over(getAtOwner);
    await owned(other);
    await other.server.sendToolListChanged();
    await soon(() => expect(followed.messages).toHaveLength(1));
    expect((await other.control.inner.sessions.get(forgotten.sessionId))?.nodeId).toBe("");
    const next = await new TestClient(other.endpoint, forgotten.sessionId, forgotten.headers).call(1);
    (await other.dispatched(1)).finish("done");
    await over(next);
    expect(next.messages).toMatchObject([{ id: 1, result: {} }]);
  });

  it("and has no session of its own ends its connections, and its calls run on", async () => {
    const { owner, other, here, there } = await twoNodes();
    const [get, call] = [await there.get(), await there.call(1)];
    const { finish } = await owner.dispatched(1);
    await other.endpoint.close();
    await Promise.all([get, call].map(over));
    for (const answer of [get, call]) expect(answer.frames.at(-1)).toEqual({ retry: 3_000 });
    const resumed = await here.get(call.cursor);
    finish("done");
    await over(resumed);
    expect(resumed.messages).toMatchObject([{ id: 1, result: {} }]);
    expect((await there.call(2)).status).toBe(503);
  });

  it("tells a request that waits for another node that it is shutting down", async () => {
    const { owner, other, there } = await twoNodes();
    held(owner, "take");
    const calling = there.call(1);
    await soon(() => expect(owner.control.begun).toContain("take"));
    await other.endpoint.close();
    const answer = await calling;
    expect([answer.status, answer.json]).toMatchObject([503, { id: 1, error: { code: -31012 } }]);
  });

  it("tells clients that cannot resume what became of their calls (2025-06-18)", async () => {
    const { owner, other, there } = await twoNodes({}, { version: "2025-06-18" });
    const call = await there.call(1);
    await owner.dispatched(1);
    await other.endpoint.close();
    await over(call);
    expect(call.messages).toMatchObject([{ id: 1, ...INTERRUPTED }]);
  });

  it.each(["another node has", "no node has"])(
    "while it looks for a session that %s refuses the request, and does nothing more",
    async (whose) => {
      vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
      const { owner, other, there } = await twoNodes();
      if (whose === "no node has") await owner.endpoint.close();
      const release = other.control.holdResult("get");
      onTestFinished(release);
      const asking = there.get("p.x.1.0.0");
      await soon(() => expect(other.control.begun).toContain("get"));
      await other.endpoint.close();
      release();
      const refused = await asking;
      expect([refused.status, refused.ended]).toEqual([503, true]);
      other.control.begun.length = 0;
      vi.advanceTimersByTime(60_000);
      expect(other.control.begun).toEqual([]);
    },
  );
});
