import { describe, expect, it } from "vitest";
import { soon } from "./support/soon.js";
import { over, restarted, TestBed } from "./support/test-session.js";

/** What only nodes that share a store need of it. */
const AMONG_NODES = ["heartbeat", "isAlive", "take", "watch", "release"];

describe("a store that no other node has", () => {
  it("is asked for nothing that only other nodes need", async () => {
    const bed = new TestBed({ heartbeatTtlMs: 500 });
    const client = await bed.open();
    const get = await client.get();
    const call = await client.call(1);
    const { notify, finish } = await bed.dispatched(1);
    await notify("one");
    call.disconnect();
    const resumed = await client.get(call.cursor);
    await client.cancel(2);
    finish("done");
    await over(resumed);
    get.disconnect();
    const other = await bed.open();
    await other.delete();
    await bed.endpoint.drain({ readinessGraceMs: 0, deadlineMs: 1_000 });
    expect(bed.control.begun.filter((operation) => AMONG_NODES.includes(operation))).toEqual([]);
    expect(
      await bed.control.inner.log.head({ sessionId: client.sessionId, streamId: "inbox" }),
    ).toBeUndefined();
  });

  it("keeps its sessions through the restart of its node, whatever that is called", async () => {
    const { bed, client, control } = await restarted({ nodeId: "b" });
    const call = await client.call(1);
    (await bed.dispatched(1)).finish("done");
    await over(call);
    await soon(() => expect(call.messages).toMatchObject([{ id: 1, result: {} }]));
    expect(control.begun.filter((operation) => AMONG_NODES.includes(operation))).toEqual([]);
  });
});
