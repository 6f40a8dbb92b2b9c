import { EmptyResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, it } from "vitest";
import { die, INTERRUPTED, twoNodes } from "./support/nodes.js";
import { soon } from "./support/soon.js";
import { callOf, over } from "./support/test-session.js";

const JSON_MODE = { enableJsonResponse: true };

describe("G5: JSON mode at another node", () => {
  it("answers with one body; what belongs to the call and is no answer is dropped", async () => {
    const { owner, there } = await twoNodes(JSON_MODE);
    const calling = there.call(1);
    const running = await owner.dispatched(1);
    await running.notify("dropped");
    running.finish("done");
    const answer = await calling;
    await over(answer);
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/json"]);
    expect(answer.headers["mcp-session-id"]).toBe(there.sessionId);
    expect(answer.json).toMatchObject({ id: 1, result: { content: [{ text: "done" }] } });
  });

  it("refuses the server's own requests at once: there is no stream to carry them", async () => {
    const { owner, there } = await twoNodes(JSON_MODE);
    const calling = there.call(1);
    const { extra, finish } = await owner.dispatched(1);
    await expect(extra.sendRequest({ method: "ping" }, EmptyResultSchema)).rejects.toThrow(/JSON/);
    finish("done");
    expect((await calling).json).toMatchObject({ id: 1, result: {} });
  });

  it("answers a batch with an array (2025-03-26)", async () => {
    const { owner, there } = await twoNodes(JSON_MODE, { version: "2025-03-26" });
    const calling = there.post([callOf(1), callOf(2)]);
    (await owner.dispatched(2)).finish("two");
    owner.calls[0]?.finish("one");
    const answer = await calling;
    expect((answer.json as { id: number }[]).map(({ id }) => id).sort()).toEqual([1, 2]);
    const one = there.post([callOf(3)]);
    (await owner.dispatched(3)).finish("three");
    expect((await one).json).toMatchObject([{ id: 3, result: {} }]);
  });

  it("refuses the same request while it is in flight: one body cannot be joined", async () => {
    const { owner, here, there } = await twoNodes(JSON_MODE);
    const calls = [there.call(1), here.call(2)];
    await owner.dispatched(2);
    for (const client of [here, there]) {
      expect([(await client.call(1)).status, (await client.call(2)).status]).toEqual([400, 400]);
    }
    for (const { finish } of owner.calls) finish("done");
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200]);
  });

  it("answers a cancelled request with 202", async () => {
    const { owner, there } = await twoNodes(JSON_MODE);
    const calling = there.call(1);
    await owner.dispatched(1);
    expect((await there.cancel(1)).status).toBe(202);
    const answer = await calling;
    expect([answer.status, answer.text]).toEqual([202, ""]);
  });

  it("G4, G6: answers with an error when the owner dies", async () => {
    const { owner, other, there } = await twoNodes(JSON_MODE);
    const calling = there.call(1);
    await owner.dispatched(1);
    die(owner);
    const answer = await calling;
    expect([answer.status, answer.json]).toMatchObject([200, { id: 1, ...INTERRUPTED }]);
    expect(other.calls).toEqual([]);
  });

  it("ends with an error when the session or the node does", async () => {
    const { owner, other, here, there } = await twoNodes(JSON_MODE);
    const calling = there.call(1);
    await owner.dispatched(1);
    await other.endpoint.close();
    expect((await calling).json).toMatchObject({ id: 1, error: { code: -31012 } });
    const again = here.call(2);
    await owner.dispatched(2);
    await here.delete();
    expect((await again).json).toMatchObject({ id: 2, error: { code: -31010 } });
  });

  it("G7: leaves no watch behind, nor do notifications and refused requests", async () => {
    const { backend, owner, there } = await twoNodes(JSON_MODE);
    await there.post({ jsonrpc: "2.0", method: "notifications/test" });
    const before = backend.usage().watchers;
    for (let id = 1; id <= 10; id += 1) {
      const calling = there.call(id);
      const running = await owner.dispatched(id);
      expect((await there.call(id, "other")).status).toBe(400);
      running.finish("done");
      await calling;
      await there.post({ jsonrpc: "2.0", method: "notifications/test" });
    }
    await soon(() => expect(backend.usage().watchers).toBe(before));
  });
});
