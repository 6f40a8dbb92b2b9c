import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Committed, StreamWriter } from "../src/stream-writer.js";
import { ControlledStore } from "./support/controlled-store.js";
import { soon } from "./support/soon.js";

const key = { sessionId: "s", streamId: "g" };

async function setUp(options: { readonly fence?: number; readonly groupsTurns?: boolean } = {}) {
  const control = new ControlledStore();
  const session = { id: key.sessionId, principal: "", nodeId: "n", shape: {}, state: {} };
  await control.inner.sessions.create(session, { ttlMs: 60_000, maxPerPrincipal: 1, maxTotal: 1 });
  const committed: Committed[] = [];
  const failures: string[] = [];
  const writer = new StreamWriter({
    log: control.store.log,
    key,
    fence: options.fence ?? 1,
    groupsTurns: options.groupsTurns ?? false,
    onCommitted: (one) => committed.push(one),
    onFailed: (error) => failures.push(error.code),
  });
  const stored = async () => {
    const page = await control.inner.log.read(key, 0, { events: 10_000, bytes: 2 ** 30 });
    return page.outcome === "page" ? page.events.map(({ payload }) => payload) : page.outcome;
  };
  const appends = () => control.begun.filter((operation) => operation === "append").length;
  return { control, writer, committed, failures, stored, appends };
}

const dropped = (error: unknown) => {
  throw error;
};

const message = (payload: string) => ({ kind: "message", payload }) as const;

describe("StreamWriter", () => {
  it("G1: stores what is sent in the order of sending, however it is spread over turns", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 40 }), async (pauses) => {
        const { writer, committed, stored } = await setUp();
        const sends: Promise<void>[] = [];
        for (const [index, pause] of pauses.entries()) {
          sends.push(writer.append(message(String(index))));
          for (let n = 0; n < pause; n += 1) await Promise.resolve();
        }
        await Promise.all(sends);
        const sent = pauses.map((_, index) => String(index));
        expect(await stored()).toEqual(sent.length > 0 ? sent : "unknown");
        expect(committed.flatMap(({ events }) => events.map(({ payload }) => payload))).toEqual(sent);
        let next = 1;
        for (const { first, events } of committed) {
          expect(first).toBe(next);
          next += events.length;
        }
      }),
      { numRuns: 50 },
    );
  });

  it("stores together what is sent while an append is under way", async () => {
    const { control, writer, appends, committed } = await setUp();
    const release = control.hold("append");
    const sends = Array.from({ length: 50 }, (_, n) => writer.append(message(String(n))));
    release();
    await Promise.all(sends);
    expect(appends()).toBe(2);
    expect(committed.map(({ events }) => events.length)).toEqual([1, 49]);
  });

  it("calls `committed` before connections hear of it, and resolves after", async () => {
    const order: string[] = [];
    const { control } = await setUp();
    const writer = new StreamWriter({
      log: control.store.log,
      key,
      fence: 1,
      onCommitted: () => order.push("connections"),
      onFailed: () => {},
    });
    await writer.append(message("x"), false, () => order.push("committed"));
    order.push("sender");
    expect(order).toEqual(["committed", "connections", "sender"]);
  });

  it("ends the stream with the event that ends it; what comes later is refused and harms nobody", async () => {
    const { writer, committed, failures, stored } = await setUp();
    const sends = [
      writer.append(message("1")),
      writer.append(message("2"), true),
      writer.append(message("3")),
    ];
    expect((await Promise.allSettled(sends)).map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
    ]);
    await expect(writer.append(message("4"))).rejects.toMatchObject({ code: "STREAM_FINISHED" });
    expect([await stored(), committed.at(-1)?.ended, failures]).toEqual([["1", "2"], true, []]);
  });

  it("G7: makes a fast sender wait while the window is full, and lets it go on when it is not", async () => {
    const { control, writer } = await setUp();
    const release = control.hold("append");
    for (let n = 0; n < 255; n += 1) void writer.append(message("x"));
    let hasRoom = false;
    await writer.post(message("x"), dropped);
    const waiting = writer.post(message("x"), dropped).then(() => {
      hasRoom = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(hasRoom).toBe(false);
    release();
    await waiting;
    await writer.post(message("x".repeat(2 ** 20 + 1)), dropped);
  });

  it("a sender that awaits nothing but its own notifications lets the event loop turn", async () => {
    const { writer, appends } = await setUp({ groupsTurns: true });
    let sent = 0;
    let sentInTime = Number.POSITIVE_INFINITY;
    setTimeout(() => {
      sentInTime = sent;
    });
    for (; sent < 20_000; sent += 1) await writer.post(message("x"), dropped);
    expect(sentInTime).toBeLessThan(sent);
    expect(appends()).toBeLessThan(sent / 32);
  });

  it("stores notifications before the response that is sent in the same turn", async () => {
    const { writer, stored } = await setUp({ groupsTurns: true });
    void writer.post(message("1"), dropped);
    void writer.post(message("2"), dropped);
    await writer.append(message("3"), true);
    expect(await stored()).toEqual(["1", "2", "3"]);
  });

  it("a failed append rejects its senders, is reported once, and the next one is stored", async () => {
    const { control, writer, failures, stored } = await setUp();
    control.fail("append");
    const lost = [writer.append(message("1")), writer.append(message("2"))];
    for (const one of lost) await expect(one).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(failures).toEqual(["STORE_UNAVAILABLE", "STORE_UNAVAILABLE"]);
    control.recover();
    await writer.append(message("3"));
    expect(await stored()).toEqual(["3"]);
  });

  it("a full window opens when its appends have failed", async () => {
    const { control, writer } = await setUp();
    control.fail("append");
    const lost = Array.from({ length: 300 }, () => writer.append(message("x")).catch(() => {}));
    await writer.post(message("x"), () => {});
    await Promise.all(lost);
  });

  it("stores nothing after it was stopped, not even what waits", async () => {
    const { control, writer, failures, stored } = await setUp();
    const release = control.hold("append");
    const sends = [writer.append(message("1")), writer.append(message("2"))];
    await soon(() => expect(control.begun).toContain("append"));
    const { DurableMcpError } = await import("@durable-mcp/contract");
    writer.stop(new DurableMcpError("STORE_UNAVAILABLE", "no more"));
    release();
    expect((await Promise.allSettled(sends)).map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    await expect(writer.append(message("3"))).rejects.toThrow("no more");
    expect([await stored(), failures]).toEqual([["1"], []]);
  });

  it.each([
    ["another node owns the session", 2, "NOT_OWNER"],
    ["the session is gone", undefined, "SESSION_NOT_FOUND"],
  ])("G6: %s: nothing is stored, and it is reported", async (_, fence, code) => {
    const { control, writer, failures } = await setUp(fence === undefined ? {} : { fence });
    if (fence === undefined) await control.inner.sessions.terminate(key.sessionId);
    await expect(writer.append(message("1"))).rejects.toMatchObject({ code });
    expect(failures).toEqual([code]);
  });
});
