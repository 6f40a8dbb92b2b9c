import { type AppendResult, DurableMcpError } from "@durable-mcp/contract";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { die, held, INTERRUPTED, owned, twoNodes } from "./support/nodes.js";
import { soon } from "./support/soon.js";
import { over, type TestBed } from "./support/test-session.js";

/** What a node does, once, in place of putting an entry of that type into an inbox. */
function onceForEntry(
  { control }: TestBed,
  type: string,
  act: (append: () => Promise<AppendResult>) => Promise<AppendResult>,
): void {
  const { log } = control.inner;
  const append = log.append.bind(log);
  const spy = vi.spyOn(log, "append").mockImplementation((key, events, options) => {
    const really = () => append(key, events, options);
    const isMeant = key.streamId === "inbox" && JSON.parse(events[0]?.payload ?? "{}").type === type;
    if (!isMeant) return really();
    spy.mockImplementation(append);
    return act(really);
  });
}

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

describe("G4, G6: the stream of a call whose owner has changed", () => {
  it("is told to the new owner, though the store fails just then", async () => {
    const { owner, other, there } = await twoNodes();
    held(owner, "finals");
    const followed = await there.get("p.unknown.7.0.0");
    await soon(() => expect(owner.control.begun).toContain("finals"));
    onceForEntry(other, "follow", async () => {
      throw new DurableMcpError("STORE_UNAVAILABLE", "The store is down.");
    });
    die(owner);
    await over(followed);
    expect(followed.messages).toMatchObject([{ id: 7, ...INTERRUPTED }]);
  });

  it("is not taken from the connection of the node that took over, before it knows that it was told", async () => {
    const { owner, other, there, inner, keyOf } = await twoNodes();
    let tell = () => {};
    const told = new Promise<void>((resolve) => {
      tell = resolve;
    });
    onTestFinished(tell);
    die(owner);
    onceForEntry(other, "follow", async (append) => {
      const appended = await append();
      await told;
      return appended;
    });
    const call = await there.call(1);
    const { notify, finish } = await other.dispatched(1);
    await soon(async () => {
      const page = await inner.log.read(keyOf(streamOf(call.cursor)), 0, { events: 10, bytes: 10_000 });
      expect(JSON.stringify(page)).toContain("disconnect");
    });
    await notify("still here");
    await soon(() => expect(call.messages).toMatchObject([{ params: { data: "still here" } }]));
    tell();
    finish("done");
    await over(call);
    expect(call.messages.at(-1)).toMatchObject({ id: 1, result: {} });
  });
});

function streamOf(cursor: string | undefined): string {
  return cursor?.split(".").slice(0, -2).join(".") ?? "";
}
