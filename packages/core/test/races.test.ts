import { describe, expect, it } from "vitest";
import { ControlledStore } from "./support/controlled-store.js";
import { soon } from "./support/soon.js";
import { callOf, cancelOf, over, restarted, TestBed, TestClient } from "./support/test-session.js";

describe("requests that meet each other while the store takes its time", () => {
  it("a resume that meets the cancellation of its call leaves the session alone", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    const call = await client.call(1);
    const running = await bed.dispatched(1);
    await running.notify("one");
    await soon(() => expect(call.messages).toHaveLength(1));
    const release = bed.control.hold("append");
    const appends = () => bed.control.begun.filter((name) => name === "append").length;
    const before = appends();
    await client.cancel(1);
    const resuming = client.get(call.cursor);
    await soon(() => expect(appends()).toBe(before + 2));
    release();
    const resumed = await resuming;
    expect([200, 405]).toContain(resumed.status);
    await over(resumed);
    expect(bed.endpoint.stats().sessions).toBe(1);
    expect((await client.get(call.cursor)).status).toBe(405);
  });

  it("a resume that meets the cancellation of the rest of its batch brings the answers that were not read", async () => {
    const bed = new TestBed();
    const client = await bed.open("2025-03-26");
    const batch = await client.post([callOf(1), callOf(2)]);
    (await bed.dispatched(2)).finish("two");
    await soon(() => expect(batch.messages).toHaveLength(1));
    const release = bed.control.hold("append");
    const appends = () => bed.control.begun.filter((name) => name === "append").length;
    const before = appends();
    await client.cancel(1);
    const resuming = client.get(batch.cursor?.replace(/\.1\.1$/, ".0.0"));
    await soon(() => expect(appends()).toBe(before + 2));
    release();
    const resumed = await resuming;
    await over(resumed);
    expect(resumed.messages).toMatchObject([{ id: 2, result: {} }]);
  });

  it("two resumes of a stream that nobody answers any more conclude it once", async () => {
    const control = new ControlledStore();
    const bed = new TestBed({ onInterrupted: () => "dispatch-again" }, control);
    const client = await bed.open("2025-03-26");
    const batch = await client.post([callOf(1), callOf(2)]);
    const running = await bed.dispatched(2);
    const streamId = await openStreamOf(control, client.sessionId);
    control.fail("append");
    running.finish("lost");
    await over(batch);
    control.recover();
    const release = control.hold("finals");
    const resuming = [client.get(`${streamId}.0.0`), client.get(`${streamId}.0.0`)];
    await soon(() => expect(control.begun.filter((name) => name === "head").length).toBe(2));
    release();
    const resumed = await Promise.all(resuming);
    await Promise.all(resumed.map(over));
    const errors = resumed.flatMap(({ messages }) => messages.map(({ id, error }) => [id, error.code]));
    expect(errors.sort()).toEqual([
      [1, -31010],
      [2, -31010],
    ]);
    expect([bed.calls.length, bed.endpoint.stats().sessions]).toEqual([2, 1]);
    expect((await client.get(batch.cursor)).status).toBe(405);
  });

  it.each(["g.0.0", "p.x.1.0.0"])(
    "a resume (%s) that meets the end of its session ends too",
    async (cursor) => {
      const bed = new TestBed();
      const client = await bed.open();
      const release = bed.control.hold("head");
      const resuming = client.get(cursor);
      await soon(() => expect(bed.control.begun).toContain("head"));
      expect((await client.delete()).status).toBe(200);
      release();
      await over(await resuming);
    },
  );

  it("an answer that is stored while the connection finds out that there is none yet is delivered", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    const release = bed.control.holdResult("read");
    const call = await client.call(1);
    (await bed.dispatched(1)).finish("done");
    await soon(() => expect(bed.endpoint.stats().calls).toBe(0));
    release();
    await over(call);
    expect(call.messages).toMatchObject([{ id: 1, result: {} }]);
  });

  it("two requests that find a session not in memory restore it once", async () => {
    const { control, client } = await restarted();
    // One has read the record before the other has restored the session, and goes on afterwards.
    const get = control.store.sessions.get.bind(control.store.sessions);
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let reads = 0;
    const sessions = new Proxy(control.store.sessions, {
      get: (target, name) =>
        name === "get"
          ? async (id: string) => {
              reads += 1;
              const slow = reads === 1;
              const record = await get(id);
              if (slow) await held;
              return record;
            }
          : Reflect.get(target, name),
    });
    const slowBed = new TestBed({ store: { ...control.store, sessions } }, control);
    const slowClient = new TestClient(slowBed.endpoint, client.sessionId, client.headers);
    const late = slowClient.post({ jsonrpc: "2.0", id: "ping", method: "ping" });
    const early = await slowClient.post({ jsonrpc: "2.0", id: "ping too", method: "ping" });
    expect(early.status).toBe(200);
    letGo();
    expect((await late).status).toBe(200);
    expect(slowBed.servers).toHaveLength(1);
  });

  it("a session that ends while it is being restored is gone", async () => {
    const { control, bed, client } = await restarted();
    const release = control.hold("openStreams");
    const nothing = { jsonrpc: "2.0", id: "9:9", result: {} };
    const restoring = client.post(nothing);
    await soon(() => expect(control.begun).toContain("openStreams"));
    const deleting = client.delete();
    await soon(async () => expect(await control.inner.sessions.get(client.sessionId)).toBeUndefined());
    release();
    expect((await deleting).status).toBe(200);
    await restoring;
    expect((await client.post(nothing)).status).toBe(404);
    expect(bed.endpoint.stats().sessions).toBe(0);
  });

  it("a request that is cancelled while it is being stored is not dispatched", async () => {
    const bed = new TestBed({ onInterrupted: () => "conclude" });
    const client = await bed.open();
    const release = bed.control.hold("append");
    const calling = client.call(1);
    await soon(() => expect(bed.endpoint.stats().calls).toBe(1));
    await client.cancel(1);
    release();
    await over(await calling);
    expect(bed.calls).toHaveLength(0);
  });

  it("a request that is cancelled earlier in its own batch is not dispatched", async () => {
    const bed = new TestBed();
    const client = await bed.open("2025-03-26");
    const answer = await client.post([cancelOf(2), callOf(1), callOf(2)]);
    (await bed.dispatched(1)).finish("one");
    await over(answer);
    expect(answer.messages.map(({ id }) => id)).toEqual([1]);
    expect(bed.calls).toHaveLength(1);
  });
});

async function openStreamOf(control: ControlledStore, sessionId: string): Promise<string> {
  const [streamId] = await control.inner.log.openStreams(sessionId);
  return streamId as string;
}

describe("the end of an endpoint", () => {
  it("takes with it a session that is just being restored; the store keeps it", async () => {
    const { control, bed: second, client } = await restarted();
    const release = control.hold("openStreams");
    const restoring = client.get();
    await soon(() => expect(control.begun).toContain("openStreams"));
    const closing = second.endpoint.close();
    release();
    await closing;
    expect((await restoring).status).toBe(503);
    expect(second.endpoint.stats().sessions).toBe(0);
    expect(await control.inner.sessions.get(client.sessionId)).toBeDefined();
  });
});

describe("G9: a stranger", () => {
  it("does not so much as wake a session that is not in memory", async () => {
    const control = new ControlledStore();
    const principal = ({ headers }: { headers: Readonly<Record<string, string | undefined>> }) => {
      const subject = headers["x-user"];
      return subject === undefined ? undefined : { issuer: "test", subject, client: "test" };
    };
    const first = new TestBed({ principal }, control);
    const client = await first.open("2025-11-25", { "x-user": "ann" });
    await first.endpoint.close();

    const second = new TestBed({ principal }, control);
    const headers = { ...client.headers, "x-user": "bob" };
    const stranger = new TestClient(second.endpoint, client.sessionId, headers);
    for (const answer of [await stranger.get(), await stranger.call(1), await stranger.delete()]) {
      expect(answer.status).toBe(404);
    }
    expect(control.begun).not.toContain("claim");
    expect(second.servers).toEqual([]);
    expect((await control.inner.sessions.get(client.sessionId))?.fence).toBe(1);
  });
});
