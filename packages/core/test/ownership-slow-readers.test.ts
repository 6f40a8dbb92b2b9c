import { describe, expect, it } from "vitest";
import { FakeResponse } from "./support/fake-http.js";
import { twoNodes } from "./support/nodes.js";
import { soon } from "./support/soon.js";
import { over } from "./support/test-session.js";

describe("G2: a client at another node that reads slowly", () => {
  it("is told that its answer is lost when the store has forgotten the stream before it was read", async () => {
    const { owner, there, inner, keyOf } = await twoNodes(
      {},
      { backend: { retention: { maxEndedStreams: 1 } } },
    );
    const slow = new FakeResponse();
    slow.slow = true;
    await there.call(1, "tool", slow);
    (await owner.dispatched(1)).finish("one");
    await soon(() => expect(owner.endpoint.stats().calls).toBe(0));
    const next = await there.call(2);
    (await owner.dispatched(2)).finish("two");
    await over(next);
    const streamId = slow.cursor?.split(".").slice(0, -2).join(".") ?? "";
    await soon(async () => expect(await inner.log.head(keyOf(streamId))).toBeUndefined());
    slow.slow = false;
    slow.drain();
    await over(slow);
    expect(slow.messages).toMatchObject([{ id: 1, error: { data: { reason: "ANSWER_LOST" } } }]);
  });

  it("is told after a gap to look again at what it has subscribed to meanwhile", async () => {
    const { owner, there, inner, keyOf } = await twoNodes({}, { backend: { retention: { maxEvents: 5 } } });
    const get = await there.get();
    get.slow = true;
    await owner.server.sendToolListChanged();
    await soon(() => expect(get.messages).toHaveLength(1));
    const params = { uri: "test://a" };
    await over(await there.post({ jsonrpc: "2.0", id: 1, method: "resources/subscribe", params }));
    for (let n = 0; n < 10; n += 1) await owner.server.sendToolListChanged();
    await soon(async () => expect((await inner.log.head(keyOf("g")))?.oldest).toBeGreaterThan(2));
    get.slow = false;
    get.drain();
    await soon(() =>
      expect(get.messages).toContainEqual({
        jsonrpc: "2.0",
        method: "notifications/resources/updated",
        params,
      }),
    );
  });
});
