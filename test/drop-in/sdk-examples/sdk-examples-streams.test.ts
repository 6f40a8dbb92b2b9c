import { ResourceListChangedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, it } from "vitest";
import { waitFor } from "../../support/wait-for.js";
import { BOTH_WAYS, callForText, RunningExample } from "./running-example.js";

describe.concurrent.each(BOTH_WAYS)("The SDK's example, $name", { timeout: 40_000 }, ({ dropIn }) => {
  it("ssePollingExample closes its stream in the middle of a call, and the client polls the rest", async (context) => {
    const running = await RunningExample.start(context, "ssePollingExample", dropIn);
    const official = await running.connect();
    expect(await callForText(official, "long-task")).toBe("Long task completed successfully!");
    expect(running.process.output).toContain("Closing SSE stream to trigger client polling...");
    const resumes = official.requests.filter(({ method, lastEventId }) => method === "GET" && lastEventId);
    expect(resumes.map(({ status }) => status)).toEqual([200]);
    await waitFor("the log messages on the GET stream", () => official.told.length === 4);
    expect(official.told.map((message) => /\d+%/.exec(message)?.[0])).toEqual(["25%", "50%", "75%", "100%"]);
  });

  it("standaloneSseWithGetStreamableHttp tells of new resources on the GET stream", async (context) => {
    const running = await RunningExample.start(context, "standaloneSseWithGetStreamableHttp", dropIn);
    const official = await running.connect();
    let changes = 0;
    official.client.setNotificationHandler(ResourceListChangedNotificationSchema, () => {
      changes += 1;
    });
    expect((await official.client.listResources()).resources.length).toBe(1);
    await waitFor("a new resource", () => changes > 0, 15_000);
    expect((await official.client.listResources()).resources.length).toBeGreaterThan(1);
    expect(await running.process.interrupt()).toBe(0);
  });
});

describe("What the SDK's example gains by the one changed import", { timeout: 40_000 }, () => {
  it("G1 messages on the GET stream of simpleStreamableHttp survive cut connections", async (context) => {
    const running = await RunningExample.start(context, "simpleStreamableHttp", true);
    const official = await running.connect();
    await waitFor("the GET stream", () =>
      official.requests.some(({ method, status }) => method === "GET" && status === 200),
    );
    const calling = callForText(official, "start-notification-stream", { interval: 20, count: 30 });
    for (const count of [5, 10, 15, 20]) {
      await waitFor(`notification ${count}`, () => official.told.length >= count);
      running.proxy.cut();
    }
    expect(await calling).toBe("Started sending periodic notifications every 20ms");
    await waitFor("all notifications", () => official.told.length >= 30);
    expect(official.told.map((message) => /#\d+/.exec(message)?.[0])).toEqual(
      Array.from({ length: 30 }, (_, n) => `#${n + 1}`),
    );
  });
});
