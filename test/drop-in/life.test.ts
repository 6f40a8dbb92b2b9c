import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { afterEach, describe, expect, it } from "vitest";
import { rawRequest } from "../support/raw-http.js";
import { waitFor } from "../support/wait-for.js";
import { answerTo, initialize, ping, toolCall } from "./ask.js";
import { ServedTransport } from "./served-transport.js";
import { ALL_CLASSES } from "./transport-classes.js";

let served: ServedTransport;
afterEach(() => served?.stop());

describe.each(ALL_CLASSES)("The life of a transport: $name", ({ Transport }) => {
  it("starts once: server.connect does it", async () => {
    served = await ServedTransport.start(Transport);
    await expect(served.transport.start()).rejects.toThrow("Transport already started");
    await served.open();
  });

  it("opens its session for an initialize that names one of another time", async () => {
    served = await ServedTransport.start(Transport);
    const headers = { "mcp-session-id": "of another time" };
    const opening = await rawRequest(served.url, { method: "POST", body: initialize(), headers });
    expect(opening.status).toBe(200);
    expect(new Map(opening.headers).get("mcp-session-id")).toBe(served.transport.sessionId);
  });

  it("handles a request whose body somebody has parsed, and whose stream is drained", async () => {
    const parsedBody = (body: string) => {
      const message = JSON.parse(body);
      return Array.isArray(message) ? message : { ...message, id: `${message.id} parsed` };
    };
    served = await ServedTransport.start(
      Transport,
      // The limit is on bodies that the transport reads itself.
      { maxRequestBodySize: 10 },
      {
        handle: async (transport, request, response) => {
          let body = "";
          for await (const text of request.setEncoding("utf8")) body += text;
          await transport.handleRequest(request, response, body === "" ? undefined : parsedBody(body));
        },
      },
    );
    const opening = await rawRequest(served.url, { method: "POST", body: initialize() });
    expect(opening.body).toContain('"id":"init parsed"');
  });

  it("handles several requests of its session at once, and handleRequest resolves when each answer is complete", async () => {
    const handled: string[] = [];
    served = await ServedTransport.start(Transport, undefined, {
      handle: async (transport, request, response) => {
        await transport.handleRequest(request, response);
        handled.push(`${request.method} ${response.writableEnded || response.destroyed}`);
      },
    });
    const client = await served.open();
    await waitFor("both to be handled", () => handled.length === 2);
    const stream = await client.get();
    const [first, second] = [await client.post(toolCall(1)), await client.post(toolCall(2))];
    (await served.commanded.call(2)).finish("second");
    await second.untilOver();
    await waitFor("the call to be handled", () => handled.length === 3);
    (await served.commanded.call(1)).finish("first");
    await first.untilOver();
    await waitFor("the other call to be handled", () => handled.length === 4);
    stream.cut();
    await waitFor("the GET to be handled", () => handled.length === 5);
    expect(handled).toEqual(["POST true", "POST true", "POST true", "POST true", "GET true"]);
  });

  it("sends nothing before it is opened, and nothing after it is closed, but throws only at answers without a request", async () => {
    served = await ServedTransport.start(Transport);
    const notice: JSONRPCMessage = { jsonrpc: "2.0", method: "notifications/tools/list_changed" };
    const answer: JSONRPCMessage = { jsonrpc: "2.0", id: 99, result: {} };
    await served.transport.send(notice);
    await expect(served.transport.send(answer)).rejects.toThrow(
      "No connection established for request ID: 99",
    );
    const client = await served.open();
    const stream = await client.get();
    await served.transport.send({ ...notice, method: "notifications/prompts/list_changed" });
    await stream.untilMessages(1);
    expect(stream.messages).toEqual(['{"jsonrpc":"2.0","method":"notifications/prompts/list_changed"}']);
    await expect(served.transport.send(answer)).rejects.toThrow(
      "No connection established for request ID: 99",
    );
    await expect(served.transport.send(notice, { relatedRequestId: 99 })).rejects.toThrow(/99/);
    await served.transport.close();
    await served.transport.send(notice);
  });

  it("closes once: connections end, onclose is called once, and every request is answered 404", async () => {
    served = await ServedTransport.start(Transport);
    const client = await served.open();
    const [stream, call] = [await client.get(), await client.post(toolCall(1))];
    await served.commanded.call(1);
    await Promise.all([served.transport.close(), served.transport.close()]);
    await served.commanded.server.close();
    await Promise.all([stream.untilOver(), call.untilOver()]);
    expect(served.closes).toBe(1);
    for (const request of [
      { method: "POST", body: ping(1) },
      { method: "GET" },
      { method: "DELETE" },
      { method: "PUT" },
    ]) {
      expect(await answerTo(served.url, { ...request, headers: client.headers })).toMatch(/^404 -32001 /);
    }
    expect(await answerTo(served.url, { method: "POST", body: initialize() })).toMatch(/^404 -32001 /);
    expect(served.closes).toBe(1);
  });

  it("closes with its server object, and without ever having been used", async () => {
    served = await ServedTransport.start(Transport);
    await served.open();
    await served.commanded.server.close();
    expect(served.closes).toBe(1);
    const unused = await ServedTransport.start(Transport);
    await unused.stop();
    await unused.transport.close();
    expect(unused.closes).toBe(1);
  });

  it("answers keep headers that the application has set before", async () => {
    served = await ServedTransport.start(Transport);
    const http = createServer((request, response) => {
      response.setHeader("access-control-expose-headers", "Mcp-Session-Id");
      void served.transport.handleRequest(request, response);
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
    for (const body of [initialize(), ping(1)]) {
      const { headers } = await rawRequest(url, { method: "POST", body });
      const names = headers.map(([name]) => name.toLowerCase());
      expect(names).toContain("access-control-expose-headers");
    }
    await new Promise((resolve) => http.close(resolve));
  });
});
