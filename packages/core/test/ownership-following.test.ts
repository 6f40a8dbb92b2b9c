import { describe, expect, it } from "vitest";
import { twoNodes } from "./support/nodes.js";
import { soon } from "./support/soon.js";
import { over, type TestBed, type TestClient } from "./support/test-session.js";

/** The server says something outside of any call. */
function say({ server }: TestBed, data: string): Promise<void> {
  return server.notification({ method: "notifications/message", params: { level: "info", data } });
}

type Answer = Awaited<ReturnType<TestClient["get"]>>;
const said = ({ messages }: Answer) => messages.map(({ params }) => params.data);
const hears = (answer: Answer, ...data: string[]) => soon(() => expect(said(answer)).toEqual(data));

describe("G5: the GET stream at another node", () => {
  it("is followed live, resumed by its cursor, and continued without one", async () => {
    const { owner, there, at, newNode } = await twoNodes();
    const first = await there.get();
    expect(first.frames).toMatchObject([{ data: "" }]);
    for (const data of ["a", "b", "c"]) await say(owner, data);
    await hears(first, "a", "b", "c");
    first.disconnect();
    await say(owner, "d");
    const [, afterA] = first.frames;
    const resumed = await at(newNode()).get(afterA?.id);
    expect(resumed.frames[0]).toMatchObject({ id: afterA?.id, data: "" });
    await hears(resumed, "b", "c", "d");
    await say(owner, "e");
    await hears(resumed, "b", "c", "d", "e");
  });

  it("is superseded by a newer GET, from node to node, and the loser is told to stay away", async () => {
    const { owner, here, there, at, newNode } = await twoNodes();
    const third = at(newNode());
    let older = await here.get();
    for (const [index, client] of [there, here, there, third, there, there, third, here].entries()) {
      const newer = await client.get();
      await over(older);
      expect(older.frames.at(-1), `loser ${index}`).toEqual({ retry: 60_000 });
      await say(owner, `${index}`);
      await soon(() => expect(said(newer).at(-1)).toBe(`${index}`));
      expect(newer.ended).toBe(false);
      older = newer;
    }
  });

  it("goes to the newest GET, of those at all nodes at once", async () => {
    const { owner, here, there, at, newNode } = await twoNodes();
    const clients = [here, there, at(newNode()), at(newNode())];
    const gets = await Promise.all(clients.map((client) => client.get()));
    await soon(() => expect(gets.filter(({ ended }) => !ended)).toHaveLength(1));
    for (const loser of gets.filter(({ ended }) => ended))
      expect(loser.frames.at(-1)).toEqual({ retry: 60_000 });
    await say(owner, "x");
    await hears(gets.find(({ ended }) => !ended) as Answer, "x");
  });

  it("is superseded at another node where two GETs have come at once", async () => {
    const { owner, here, there } = await twoNodes();
    const two = await Promise.all([there.get(), there.get()]);
    await soon(() => expect(two.filter(({ ended }) => ended)).toHaveLength(1));
    const newest = await here.get();
    await Promise.all(two.map(over));
    await say(owner, "x");
    await hears(newest, "x");
  });

  it("does not repeat what was delivered, after an orderly end at whichever node", async () => {
    const { owner, here, there, at, newNode } = await twoNodes();
    const third = at(newNode());
    for (const [index, client] of [there, third, there, here, third, here, there].entries()) {
      const get = await client.get();
      await say(owner, `${index}`);
      await hears(get, `${index}`);
      get.disconnect();
      // When this is stored, so is how far the client got.
      await client.post({ jsonrpc: "2.0", method: "notifications/initialized" });
    }
  });

  it("G10: does not repeat what was delivered by a node that was closed", async () => {
    const { owner, other, here, there } = await twoNodes();
    const get = await there.get();
    await say(owner, "a");
    await hears(get, "a");
    await other.endpoint.close();
    await over(get);
    expect(get.frames.at(-1)).toEqual({ retry: 3_000 });
    await say(owner, "b");
    const next = await here.get();
    await soon(() => expect(said(next)).toContain("b"));
    expect(said(next)).toEqual(["b"]);
  });

  it("is told to a client that reads slowly when it reads again (G7)", async () => {
    const { owner, other, there } = await twoNodes();
    const get = await there.get();
    get.slow = true;
    for (let n = 0; n < 300; n += 1) await say(owner, "x".repeat(1_000));
    await soon(() => expect(other.endpoint.stats().bufferedBytes).toBeGreaterThan(0));
    expect(other.endpoint.stats().bufferedBytes).toBeLessThan(150_000);
    get.slow = false;
    get.drain();
    await soon(() => expect(get.messages).toHaveLength(300));
  });
});

describe("G5: a handler that closes a connection", () => {
  it("reaches that of its call at another node: the client resumes, here or there, and is not closed again", async () => {
    const { owner, here, there } = await twoNodes();
    const call = await there.call(1);
    const running = await owner.dispatched(1);
    await running.notify("one");
    await soon(() => expect(call.messages).toHaveLength(1));
    running.extra.closeSSEStream?.();
    await over(call);
    expect(call.frames.at(-1)).toEqual({ retry: 3_000 });
    await running.notify("two");

    const resumed = await there.get(call.cursor);
    await soon(() => expect(resumed.messages).toMatchObject([{ params: { data: "two" } }]));
    expect(resumed.ended).toBe(false);
    // From before the owner's word that ended the first one.
    const fromStart = await there.get(call.frames[0]?.id);
    await over(resumed);
    expect(resumed.frames.at(-1)).toEqual({ retry: 60_000 });
    await soon(() => expect(said(fromStart)).toEqual(["one", "two"]));
    running.extra.closeSSEStream?.();
    await over(fromStart);
    expect(fromStart.frames.at(-1)).toEqual({ retry: 3_000 });

    const last = await here.get(call.frames[0]?.id);
    running.finish("done");
    await over(last);
    expect(last.messages.at(-1)).toMatchObject({ id: 1, result: {} });
  });

  it("reaches the GET connection at another node, and not the next one", async () => {
    const { owner, there, at, newNode } = await twoNodes();
    const call = await there.call(1);
    const { extra } = await owner.dispatched(1);
    let get = await there.get();
    for (const client of [there, at(newNode()), there]) {
      await soon(() => {
        extra.closeStandaloneSSEStream?.();
        expect(get.ended).toBe(true);
      });
      expect(get.frames.at(-1)).toEqual({ retry: 3_000 });
      await say(owner, "meanwhile");
      get = await client.get("g.0.0");
      await soon(() => expect(said(get)).toContain("meanwhile"));
      expect(get.ended).toBe(false);
    }
    expect(call.ended).toBe(false);
  });
});
