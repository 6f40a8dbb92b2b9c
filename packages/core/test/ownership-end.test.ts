import { describe, expect, it } from "vitest";
import { die, held, twoNodes } from "./support/nodes.js";
import { soon } from "./support/soon.js";
import { over } from "./support/test-session.js";

const NOT_FOUND = { error: { code: -32001 } };

describe("G5: DELETE at another node", () => {
  it("ends the owner's copy, and every connection of its calls with an error, wherever that is", async () => {
    const { owner, other, here, there, at, newNode } = await twoNodes();
    const third = newNode();
    const [getThere, callThere] = [await there.get(), await there.call(1)];
    await owner.dispatched(1);
    const callHere = await here.call("two");
    const callAtThird = await at(third).call(3);
    const { extra } = await owner.dispatched(3);
    let closed = false;
    owner.server.onclose = () => {
      closed = true;
    };

    expect((await there.delete()).status).toBe(200);
    await Promise.all([getThere, callThere, callHere, callAtThird].map(over));
    expect(getThere.messages).toEqual([]);
    for (const [call, id] of [
      [callThere, 1],
      [callHere, "two"],
      [callAtThird, 3],
    ] as const) {
      expect(call.messages).toMatchObject([{ id, error: { code: -31010 } }]);
      expect(call.cursor).toMatch(/\.end\.0$/);
    }
    await soon(() => expect([closed, extra.signal.aborted]).toEqual([true, true]));
    for (const bed of [owner, other, third]) {
      await soon(() => expect(bed.endpoint.stats()).toMatchObject({ sessions: 0, calls: 0, connections: 0 }));
      const client = at(bed);
      const answers = [
        await client.delete(),
        await client.call(4),
        await client.get(),
        await client.cancel(1),
      ];
      answers.push(await client.get(callThere.frames[0]?.id));
      for (const { status, json } of answers) expect([status, json]).toMatchObject([404, NOT_FOUND]);
    }
  });

  it("of a session that nobody here has asked for yet", async () => {
    const { owner, here, there } = await twoNodes();
    const call = await here.call(1);
    await owner.dispatched(1);
    expect((await there.delete()).status).toBe(200);
    await over(call);
    expect(call.messages).toMatchObject([{ id: 1, error: { code: -31010 } }]);
    expect((await here.call(2)).status).toBe(404);
    expect((await there.delete()).status).toBe(404);
  });

  it("is answered when the owner serves nothing of the session any more", async () => {
    const { owner, here, there } = await twoNodes();
    const call = await here.call(1);
    await owner.dispatched(1);
    const release = held(owner, "take");
    const deleting = there.delete();
    await soon(() => expect(owner.control.begun).toContain("take"));
    release();
    expect([(await deleting).status, call.ended, owner.endpoint.stats().sessions]).toEqual([200, true, 0]);
    expect((await here.call(2)).status).toBe(404);
  });

  it("that reaches the owner only through the store ends its copy all the same", async () => {
    const { owner, here, inner } = await twoNodes();
    const call = await here.call(1);
    await owner.dispatched(1);
    await inner.sessions.terminate(here.sessionId);
    await over(call);
    expect(call.messages).toMatchObject([{ id: 1, error: { code: -31010 } }]);
    expect(owner.endpoint.stats()).toMatchObject({ sessions: 0, calls: 0 });
  });

  it("does not wait for an owner that is dead for long", async () => {
    const { owner, other, there, backend } = await twoNodes({ heartbeatTtlMs: 5_000 });
    await there.get();
    die(owner);
    const startMs = performance.now();
    expect((await there.delete()).status).toBe(200);
    expect(performance.now() - startMs).toBeLessThan(3_000);
    expect([(await there.call(1)).status, (await there.delete()).status]).toEqual([404, 404]);
    expect([backend.usage().sessions, other.endpoint.stats().connections]).toEqual([0, 0]);
  });

  it("while a request waits for the owner tells its client that the session is gone", async () => {
    const { owner, here, there } = await twoNodes();
    held(owner, "take");
    const calling = there.call(1);
    await soon(() => expect(owner.control.begun).toContain("take"));
    await here.delete();
    const answer = await calling;
    expect([answer.status, answer.json]).toMatchObject([404, { id: 1, ...NOT_FOUND }]);
  });
});

describe("DELETE at the owner", () => {
  it("ends what another node has of the session", async () => {
    const { backend, owner, other, here, there } = await twoNodes();
    const [get, call] = [await there.get(), await there.call(1)];
    await owner.dispatched(1);
    expect((await here.delete()).status).toBe(200);
    await Promise.all([get, call].map(over));
    expect(call.messages).toMatchObject([{ id: 1, error: { code: -31010 } }]);
    expect(get.frames.at(-1)).toMatchObject({ retry: 3_000 });
    expect((await there.get()).status).toBe(404);
    expect(other.endpoint.stats()).toMatchObject({ connections: 0 });
    await soon(() => expect(backend.usage()).toMatchObject({ sessions: 0, streams: 0, watchers: 0 }));
  });
});

describe("the end of a session", () => {
  it("ends the GET connection, too, that is just being resumed at another node", async () => {
    const { owner, other, here, there } = await twoNodes();
    const first = await here.get();
    await owner.server.sendToolListChanged();
    await soon(() => expect(first.messages).toHaveLength(1));
    const release = held(other, "read");
    const resuming = there.get(first.cursor);
    await soon(() => expect(other.control.begun).toContain("read"));
    await here.delete();
    // From now on the other node knows it, too.
    expect((await there.cancel(1)).status).toBe(404);
    release();
    await over(await resuming);
    expect(other.endpoint.stats()).toMatchObject({ connections: 0 });
  });
});

describe("G7: a session", () => {
  it("expires at every node when nobody holds a connection, and not while a client does at another node", async () => {
    const { backend, owner, other, there } = await twoNodes({ idleTtlMs: 200 });
    const get = await there.get();
    const startMs = performance.now();
    await soon(() => expect(performance.now() - startMs).toBeGreaterThan(500));
    expect([get.ended, backend.usage().sessions]).toEqual([false, 1]);
    get.disconnect();
    await soon(() => expect(backend.usage()).toMatchObject({ sessions: 0, streams: 0, watchers: 0 }));
    await soon(() => expect(owner.endpoint.stats().sessions).toBe(0));
    expect((await there.call(1)).status).toBe(404);
    expect(other.endpoint.stats()).toMatchObject({ sessions: 0, connections: 0 });
  });
});
