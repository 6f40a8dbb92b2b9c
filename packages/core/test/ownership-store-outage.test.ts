import { DurableMcpError } from "@durable-mcp/contract";
import { afterEach, describe, expect, it, vi } from "vitest";
import { twoNodes } from "./support/nodes.js";
import { soon } from "./support/soon.js";
import { over } from "./support/test-session.js";

/** What the store could not take is made up for within 100 ms. */
const OFTEN = { idleTtlMs: 1_000 };

/** Within the time of these tests no heartbeat runs out. */
const NOBODY_DIES = { heartbeatTtlMs: 4_000 };

afterEach(() => vi.useRealTimers());

describe("G8: the store fails once", () => {
  it("when a stream is concluded that is followed at another node: that is made up for (G4)", async () => {
    const { owner, there } = await twoNodes(OFTEN);
    owner.control.failOnce("finals");
    const followed = await there.get("p.unknown.7.0.0");
    await over(followed);
    expect(followed.messages).toMatchObject([{ id: 7, error: { code: -31010 } }]);
  });

  it("when a session is handed over: another node has it as soon as the store is back (G10)", async () => {
    const { owner, other, there } = await twoNodes({ ...OFTEN, ...NOBODY_DIES });
    const busy = await owner.open();
    const running = await busy.call(1);
    const { finish } = await owner.dispatched(1);
    owner.control.failOnce("release");
    const drained = owner.endpoint.drain({ readinessGraceMs: 0, deadlineMs: 60_000 });
    await soon(() => expect(owner.control.begun).toContain("release"));
    const calling = there.call(2);
    (await other.dispatched(1)).finish("done");
    await over(await calling);
    finish("done");
    await over(running);
    await drained;
  });

  it.each(["claimed", "given back"])("when a session that cannot be restored is %s", async (when) => {
    const { owner, at, newNode } = await twoNodes({ ...OFTEN, ...NOBODY_DIES });
    const broken = newNode({ createServer: () => Promise.reject(new Error("no server today")) });
    const third = newNode();
    await owner.endpoint.close();
    const { sessions } = broken.control.inner;
    const claim = sessions.claim.bind(sessions);
    if (when === "given back") broken.control.failOnce("release");
    else {
      vi.spyOn(sessions, "claim").mockImplementationOnce(async (...args) => {
        await claim(...args);
        throw new DurableMcpError("STORE_UNAVAILABLE", "No answer of the store.");
      });
    }
    expect((await at(broken).call(1)).status).toBe(when === "given back" ? 500 : 503);
    const calling = at(third).call(2);
    (await third.dispatched(1)).finish("done");
    await over(await calling);
  });

  it("when a session is to be ended that another node has: it lives on, and is served again (G5)", async () => {
    const { other, there, at, newNode } = await twoNodes({ ...OFTEN, ...NOBODY_DIES });
    await there.post({ jsonrpc: "2.0", method: "notifications/test" });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    other.control.failOnce("terminate");
    expect((await there.delete()).status).toBe(503);
    await vi.advanceTimersByTimeAsync(5_000);
    const third = newNode();
    const calling = at(third).call(1);
    (await third.dispatched(1)).finish("done");
    const answer = await calling;
    await over(answer);
    expect(answer.messages).toMatchObject([{ id: 1, result: {} }]);
  });
});
