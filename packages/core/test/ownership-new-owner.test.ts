import { describe, expect, it, onTestFinished } from "vitest";
import { die, held, owned, twoNodes } from "./support/nodes.js";
import { soon } from "./support/soon.js";
import { over } from "./support/test-session.js";

describe("G5, G6: the GET stream whose owner has changed", () => {
  it("is the newest connection's all the same", async () => {
    const { owner, other, there, at, newNode } = await twoNodes();
    const third = newNode();
    const older = await there.get();
    die(owner);
    const newer = await at(third).get();
    // The next owner hears of the older one last.
    const release = held(other, "claim");
    await owned(third);
    await soon(() => expect(other.control.begun).toContain("claim"));
    await at(third).post({ jsonrpc: "2.0", method: "notifications/test" });
    release();
    await over(older);
    expect(older.frames.at(-1)).toEqual({ retry: 60_000 });
    expect(newer.ended).toBe(false);
  });

  it("is told to a new owner that announces itself, though the old one lives and says nothing", async () => {
    const { there, at, newNode, inner } = await twoNodes({ heartbeatTtlMs: 60_000 });
    const get = await there.get();
    await there.post({ jsonrpc: "2.0", method: "notifications/test" });
    await inner.sessions.release(there.sessionId, 1);
    const third = newNode();
    await at(third).call(1);
    const { extra } = await third.dispatched(1);
    await soon(() => {
      extra.closeStandaloneSSEStream?.();
      expect(get.ended).toBe(true);
    });
  });

  it("is told to the new owner by a node that was just looking who the old one was", async () => {
    const { owner, other, there, at, newNode, inner, keyOf } = await twoNodes({ heartbeatTtlMs: 60_000 });
    const get = await there.get();
    await there.post({ jsonrpc: "2.0", method: "notifications/test" });
    const release = other.control.holdResult("get");
    onTestFinished(release);
    const control = [{ kind: "control", payload: '{"type":"ownership"}' }] as const;
    const count = other.control.begun.length;
    await inner.log.append(keyOf("g"), control);
    await soon(() => expect(other.control.begun.slice(count)).toContain("get"));
    await owner.endpoint.close();
    const third = newNode();
    const call = await at(third).call(1);
    const { extra } = await third.dispatched(1);
    release();
    await soon(() => {
      extra.closeStandaloneSSEStream?.();
      expect(get.ended).toBe(true);
    });
    expect(call.ended).toBe(false);
  });
});
