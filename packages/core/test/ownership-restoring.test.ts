import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { describe, expect, it, onTestFinished } from "vitest";
import { die, owned, twoNodes } from "./support/nodes.js";
import { soon } from "./support/soon.js";
import { TestClient } from "./support/test-session.js";

describe("G6: a restore that hangs", () => {
  it("keeps its node from taking over no other session", async () => {
    const { owner, other: second, here, at, newNode } = await twoNodes();
    const elsewhere = await second.open();
    const started: string[] = [];
    let goOn = () => {};
    const hangs = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const third = newNode({
      createServer: async ({ sessionId }) => {
        started.push(sessionId);
        if (sessionId === here.sessionId) await hangs;
        return new Server({ name: "test", version: "1" }, { capabilities: {} });
      },
    });
    onTestFinished(goOn);
    await at(third).get();
    await new TestClient(third.endpoint, elsewhere.sessionId, elsewhere.headers).get();
    die(owner);
    await soon(() => expect(started).toEqual([here.sessionId]));
    die(second);
    await owned(third);
    expect(started).toEqual([here.sessionId, elsewhere.sessionId]);
  });
});
