import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, it } from "vitest";
import { rawRequest } from "../../support/raw-http.js";
import { waitFor } from "../../support/wait-for.js";
import { BOTH_WAYS, callForText, RunningExample } from "./running-example.js";

describe.concurrent.each(BOTH_WAYS)("The SDK's example, $name", { timeout: 40_000 }, ({ dropIn }) => {
  it("simpleStreamableHttp serves sessions of their own, and ends them", async (context) => {
    const running = await RunningExample.start(context, "simpleStreamableHttp", dropIn);
    const [ada, bob] = [await running.connect(), await running.connect()];
    expect(ada.transport.sessionId).not.toBe(bob.transport.sessionId);
    expect((await ada.client.listTools()).tools.length).toBeGreaterThan(5);
    expect((await ada.client.listPrompts()).prompts.map(({ name }) => name)).toEqual(["greeting-template"]);
    expect((await ada.client.listResources()).resources.length).toBe(3);
    const greetings = [
      callForText(ada, "greet", { name: "Ada" }),
      callForText(bob, "greet", { name: "Bob" }),
    ];
    expect(await Promise.all(greetings)).toEqual(["Hello, Ada!", "Hello, Bob!"]);
    expect(await callForText(ada, "multi-greet", { name: "Ada" })).toBe("Good morning, Ada!");
    await waitFor("the greetings on the GET stream", () => ada.told.length === 3);
    expect(bob.told).toEqual([]);

    const ids = [ada, bob].map(({ transport }) => transport.sessionId ?? "");
    await ada.transport.terminateSession();
    const headers = { "mcp-session-id": ids[1] ?? "" };
    expect((await rawRequest(running.url, { method: "DELETE", headers })).status).toBe(200);
    const removed = (id: string) => `Transport closed for session ${id}, removing from sessions map`;
    await waitFor("both to be removed", () =>
      ids.every((id) => running.process.output.includes(removed(id))),
    );
    expect((await rawRequest(running.url, { method: "DELETE", headers })).status).toBe(404);
    const third = await running.connect();
    expect(await callForText(third, "greet", { name: "again" })).toBe("Hello, again!");
    expect(await running.process.interrupt()).toBe(0);
  });

  it("simpleStreamableHttp asks its client, and runs a task", async (context) => {
    const running = await RunningExample.start(context, "simpleStreamableHttp", dropIn);
    const official = await running.connect();
    official.client.setRequestHandler(ElicitRequestSchema, () => ({
      action: "accept",
      content: { name: "Ada", email: "ada@example.com" },
    }));
    expect(await callForText(official, "collect-user-info", { infoType: "contact" })).toContain(
      "ada@example.com",
    );
    const types: string[] = [];
    const task = official.client.experimental.tasks.callToolStream(
      { name: "delay", arguments: { duration: 300 } },
      undefined,
      { task: { ttl: 60_000 } },
    );
    for await (const message of task) types.push(message.type);
    expect([types[0], types.at(-1)]).toEqual(["taskCreated", "result"]);
  });

  it("jsonResponseStreamableHttp answers with JSON", async (context) => {
    const running = await RunningExample.start(context, "jsonResponseStreamableHttp", dropIn);
    const official = await running.connect();
    expect(await callForText(official, "greet", { name: "Ada" })).toBe("Hello, Ada!");
    const headers = { "mcp-session-id": official.transport.sessionId ?? "" };
    const body = { jsonrpc: "2.0", id: 9, method: "ping" };
    const answer = await rawRequest(running.url, { method: "POST", headers, body });
    expect(JSON.parse(answer.body)).toEqual({ jsonrpc: "2.0", id: 9, result: {} });
    const type = answer.headers.find(([name]) => name.toLowerCase() === "content-type");
    expect(type?.[1]).toMatch(/^application\/json/);
  });

  it("simpleStatelessStreamableHttp serves requests without a session, each with a server object of its own", async (context) => {
    const running = await RunningExample.start(context, "simpleStatelessStreamableHttp", dropIn);
    const official = await running.connect();
    expect(official.transport.sessionId).toBeUndefined();
    const counts = [1, 2, 3];
    const results = counts.map((count) =>
      callForText(official, "start-notification-stream", { interval: 10, count }),
    );
    const expected = "Started sending periodic notifications every 10ms";
    expect(await Promise.all(results)).toEqual(counts.map(() => expected));
    expect((await official.client.listPrompts()).prompts.length).toBe(1);
    for (const method of ["GET", "DELETE"]) {
      expect((await rawRequest(running.url, { method })).status).toBe(405);
    }
    expect(running.process.output).not.toContain("Error handling MCP request");
  });

  it("honoWebStandardStreamableHttp serves web-standard requests, and pages by Hono's own CORS", async (context) => {
    const running = await RunningExample.start(context, "honoWebStandardStreamableHttp", dropIn);
    const official = await running.connect();
    expect(official.transport.sessionId).toBeUndefined();
    const names = ["Ada", "Bob", "Eve"];
    const greetings = names.map((name) => callForText(official, "greet", { name }));
    expect(await Promise.all(greetings)).toEqual(
      names.map((name) => `Hello, ${name}! (from Hono + WebStandard transport)`),
    );
    const headers = { origin: "https://page.example" };
    const body = { jsonrpc: "2.0", id: 9, method: "ping" };
    const answer = await rawRequest(running.url, { method: "POST", headers, body });
    expect([answer.status, answer.body]).toEqual([200, expect.stringContaining('"id":9')]);
    const header = new Map(answer.headers.map(([name, value]) => [name.toLowerCase(), value]));
    expect(header.get("access-control-allow-origin")).toBe("*");
    expect(header.get("content-type")).toBe("text/event-stream");
  });
});
