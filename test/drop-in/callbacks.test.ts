import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { SseFollower } from "../support/sse-follower.js";
import { answerTo, initialize, ping } from "./ask.js";
import { ServedTransport } from "./served-transport.js";
import { ALL_CLASSES } from "./transport-classes.js";

let served: ServedTransport;
afterEach(() => served.stop());

describe.each(ALL_CLASSES)("$name calls back", ({ Transport }) => {
  it.each([
    { how: "at once", later: false },
    { how: "by a promise, which is waited for", later: true },
  ])("onsessioninitialized with the generated id before initialize is answered, $how", async ({ later }) => {
    const steps: string[] = [];
    served = await ServedTransport.start(Transport, {
      sessionIdGenerator: () => "visible-ascii",
      onsessioninitialized: (id) => {
        // The application can find the transport's session from here on.
        steps.push(`${id} ${served.transport.sessionId}`);
        return later ? pause(20).then(() => void steps.push("waited")) : undefined;
      },
    });
    expect(served.transport.sessionId).toBeUndefined();
    const answer = await SseFollower.open(served.url, { method: "POST", body: initialize() });
    steps.push("answered");
    await answer.untilOver();
    expect(answer.header("mcp-session-id")).toBe("visible-ascii");
    expect(steps).toEqual(["visible-ascii visible-ascii", ...(later ? ["waited"] : []), "answered"]);
  });

  it.each([
    { how: "at once", later: false },
    { how: "by a promise, which is waited for", later: true },
  ])("onsessionclosed with the id, then onclose once, before DELETE is answered, $how", async ({ later }) => {
    const steps: string[] = [];
    served = await ServedTransport.start(Transport, {
      sessionIdGenerator: () => "one",
      onsessionclosed: (id) => {
        steps.push(`${id}, ${served.closes} closed`);
        return later ? pause(20).then(() => void steps.push("waited")) : undefined;
      },
    });
    const client = await served.open();
    expect(await client.delete()).toBe(200);
    steps.push(`answered, ${served.closes} closed`);
    expect(steps).toEqual(["one, 0 closed", ...(later ? ["waited"] : []), "answered, 1 closed"]);
    expect(await client.delete()).toBe(404);
    expect(steps.length).toBe(later ? 3 : 2);
    expect(served.closes).toBe(1);
  });

  it("onsessionclosed neither when the application closes the transport, nor for a DELETE of another session", async () => {
    const closed: string[] = [];
    served = await ServedTransport.start(Transport, { onsessionclosed: (id) => void closed.push(id) });
    const { headers } = await served.open();
    const other = { method: "DELETE", headers: { ...headers, "mcp-session-id": "other" } };
    expect(await answerTo(served.url, other)).toBe("404 -32001 id=null");
    await served.transport.close();
    expect([closed, served.closes]).toEqual([[], 1]);
  });

  it("onclose all the same when onsessionclosed fails", async () => {
    served = await ServedTransport.start(Transport, {
      onsessionclosed: () => Promise.reject(new Error("the application's fault")),
    });
    const client = await served.open();
    expect(await client.delete()).toBe(500);
    expect(served.closes).toBe(1);
    expect(served.thrown).toEqual([]);
    expect(await answerTo(served.url, { method: "POST", headers: client.headers, body: ping(1) })).toMatch(
      /^404 -32001/,
    );
  });

  it("nobody for a transport that was closed while its initialize was still on its way", async () => {
    const opened: string[] = [];
    served = await ServedTransport.start(
      Transport,
      { onsessioninitialized: (id) => void opened.push(id) },
      {
        handle: async (transport, request, response) => {
          // Behind the transport's back, which waits for the body.
          request.once("end", () => void transport.close());
          await transport.handleRequest(request, response);
        },
      },
    );
    expect(await answerTo(served.url, { method: "POST", body: initialize() })).toMatch(/^404 -32001/);
    expect([opened, served.closes]).toEqual([[], 1]);
  });

  it("onerror, and answers all the same if that throws", async () => {
    served = await ServedTransport.start(Transport);
    const { headers } = await served.open();
    const told: string[] = [];
    served.transport.onerror = ({ message }) => {
      told.push(message);
      throw new Error("the application's fault");
    };
    const request = { method: "GET", headers: { ...headers, "mcp-session-id": "other" } };
    expect(await answerTo(served.url, request)).toMatch(/^(404|500)/);
    expect(await answerTo(served.url, { method: "POST", headers, body: ping(1) })).toBe("stream");
    expect(told.length).toBeGreaterThan(0);
    expect(served.thrown).toEqual([]);
  });
});
