import { formatEventId, formatStreamId } from "@durable-mcp/contract";
import { describe, expect, it } from "vitest";
import { die, INTERRUPTED, owned, twoNodes } from "./support/nodes.js";
import { soon } from "./support/soon.js";
import { over } from "./support/test-session.js";

describe("G1, G5: the stream of a call is resumed", () => {
  it("at each node, from wherever it was cut, without loss or repetition", async () => {
    const { owner, here, there, at, newNode } = await twoNodes();
    const clients = [there, here, at(newNode())];
    const first = await there.call(1);
    const { notify, finish } = await owner.dispatched(1);
    const heard: string[] = [];
    let answer = first;
    for (let round = 0; round < 9; round += 1) {
      await notify(`${round}`);
      await soon(() => expect(answer.messages.at(-1)?.params.data).toBe(`${round}`));
      heard.push(...answer.messages.map(({ params }) => params.data));
      answer.disconnect();
      answer = await (clients[round % 3] as typeof there).get(answer.cursor);
    }
    finish("done");
    await over(answer);
    expect(heard).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
    expect(answer.messages).toMatchObject([{ id: 1, result: {} }]);
    for (const client of clients) {
      expect((await client.get(answer.cursor)).status).toBe(405);
      const again = await client.get(first.frames[0]?.id);
      await over(again);
      expect(again.messages.map((message) => message.params?.data ?? "done")).toEqual([...heard, "done"]);
    }
  });

  it("after its answer, which came while nobody was connected", async () => {
    const { owner, here, there } = await twoNodes();
    const call = await here.call(1);
    const { finish } = await owner.dispatched(1);
    call.disconnect();
    finish("done");
    await soon(() => expect(owner.endpoint.stats().calls).toBe(0));
    const resumed = await there.get(call.cursor);
    await over(resumed);
    expect(resumed.messages).toMatchObject([{ id: 1, result: {} }]);
    expect((await there.get(resumed.cursor)).status).toBe(405);
    expect((await there.get(formatEventId(streamOf(call.cursor), "end", 0))).status).toBe(405);
  });

  it("beyond its trimmed beginning: what is kept comes, the answer above all (G2)", async () => {
    const { owner, there } = await twoNodes({}, { backend: { retention: { maxEvents: 3 } } });
    const call = await there.call(1);
    const { notify, finish } = await owner.dispatched(1);
    call.disconnect();
    for (let n = 0; n < 10; n += 1) await notify(`${n}`);
    finish("done");
    await soon(() => expect(owner.endpoint.stats().calls).toBe(0));
    const resumed = await there.get(call.frames[0]?.id);
    await over(resumed);
    expect(resumed.messages.map((message) => message.params?.data ?? "done")).toEqual(["8", "9", "done"]);
  });
});

describe("G2, G5: a resume of what is not there ends at another node, too", () => {
  it("with an error for each id that an unknown stream would answer, again and again", async () => {
    const { owner, there } = await twoNodes();
    const invented = formatStreamId({ kind: "post", nonce: "invented", requestIds: [1, "two"] });
    const resumed = await there.get(`${invented}.0.0`);
    await over(resumed);
    expect(resumed.status).toBe(200);
    expect(resumed.messages).toMatchObject([
      { id: 1, ...INTERRUPTED },
      { id: "two", ...INTERRUPTED },
    ]);
    expect((await there.get(resumed.cursor)).status).toBe(405);
    const call = await there.call(1);
    (await owner.dispatched(1)).finish("done");
    await over(call);
    expect(call.messages).toMatchObject([{ id: 1, result: {} }]);
  });

  it("and ends no call in flight whose id it names", async () => {
    const { owner, there } = await twoNodes();
    const call = await there.call(1);
    const { finish } = await owner.dispatched(1);
    const invented = formatStreamId({ kind: "post", nonce: "invented", requestIds: [1] });
    await over(await there.get(`${invented}.0.0`));
    expect([call.ended, owner.endpoint.stats().calls]).toEqual([false, 1]);
    finish("done");
    await over(call);
    expect(call.messages).toMatchObject([{ id: 1, result: {} }]);
  });

  it.each([
    ["no cursor at all", "nonsense"],
    ["a stream that would answer nothing", "p.invented..0.0"],
    ["a stream's end", "p.invented.1.end.0"],
  ])("with 405: %s", async (_, cursor) => {
    const { there } = await twoNodes();
    const refused = await there.get(cursor);
    expect([refused.status, refused.headers.allow]).toEqual([405, "GET, POST, DELETE"]);
  });

  it("G7: and leaves nothing behind of which a new owner were told, nor do calls that are over", async () => {
    const { owner, other, there, inner, keyOf } = await twoNodes();
    await there.get();
    for (let n = 0; n < 20; n += 1) expect((await there.get(`p.invented${n}..0.0`)).status).toBe(405);
    for (let id = 1; id <= 20; id += 1) {
      const call = await there.call(id);
      if (id % 2 === 0) call.disconnect();
      (await owner.dispatched(id)).finish("done");
      if (id % 2 === 1) await over(call);
    }
    const before = (await inner.log.head(keyOf("inbox")))?.last ?? 0;
    die(owner);
    await owned(other);
    // The entry of its GET connection, and what came after it.
    await soon(async () => expect((await inner.log.head(keyOf("inbox")))?.last).toBeGreaterThan(before));
    await there.post({ jsonrpc: "2.0", method: "notifications/test" });
    const after = (await inner.log.head(keyOf("inbox")))?.last ?? 0;
    expect(after - before).toBeLessThanOrEqual(2);
  });

  it.each(["inbox", "presence", "inbox.0.0", "presence.0.0"])("what is no client's: %s", async (cursor) => {
    const { here, there } = await twoNodes();
    expect([(await here.get(cursor)).status, (await there.get(cursor)).status]).toEqual([405, 405]);
  });

  it("G3: a cursor of another session yields nothing of it", async () => {
    const { owner, other, there } = await twoNodes();
    const call = await there.call(1);
    const { notify } = await owner.dispatched(1);
    await notify("secret");
    await soon(() => expect(call.messages).toHaveLength(1));
    const stranger = await other.open();
    const resumed = await stranger.get(call.frames[0]?.id);
    await over(resumed);
    expect(resumed.messages).toMatchObject([{ id: 1, error: { code: -31010 } }]);
    expect(call.ended).toBe(false);
  });

  it("beyond the end of the GET stream: the client is told to look again at everything", async () => {
    const { owner, there } = await twoNodes();
    const subscribe = { jsonrpc: "2.0", id: 1, method: "resources/subscribe", params: { uri: "test://a" } };
    await over(await there.post(subscribe));
    const get = await there.get("g.99.1");
    const methods = () => get.messages.map(({ method }) => method);
    await soon(() => expect(methods()).toHaveLength(3));
    expect(methods().sort()).toEqual([
      "notifications/resources/list_changed",
      "notifications/resources/updated",
      "notifications/tools/list_changed",
    ]);
    await owner.server.sendToolListChanged();
    await soon(() => expect(methods()).toHaveLength(4));
  });
});

function streamOf(cursor: string | undefined): string {
  return cursor?.split(".").slice(0, -2).join(".") ?? "";
}
