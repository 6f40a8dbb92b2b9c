import { createServer } from "node:http";
import { createServer as createSecureServer, type RequestOptions, request } from "node:https";
import type { AddressInfo } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { InMemoryEventStore } from "@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js";
import type { AuthInfo } from "@modelcontextprotocol/sdk/server/auth/types.js";
import express from "express";
import { afterEach, describe, expect, it } from "vitest";
import { rawRequest } from "../support/raw-http.js";
import { toolCall } from "./ask.js";
import { ServedTransport } from "./served-transport.js";
import { ALL_CLASSES } from "./transport-classes.js";

let served: ServedTransport;
afterEach(() => served.stop());

const AUTH: AuthInfo = { token: "t", clientId: "c", scopes: ["s"], extra: { subject: "ada" } };

describe.each(ALL_CLASSES)("What $name tells handlers", ({ Transport }) => {
  it("is who authenticated: what a middleware has put at request.auth, of each request its own", async () => {
    served = await ServedTransport.start(Transport, undefined, {
      handle: (transport, incoming, response) => {
        const { authorization } = incoming.headers;
        const auth = authorization ? { ...AUTH, token: authorization } : undefined;
        return transport.handleRequest(Object.assign(incoming, auth && { auth }), response);
      },
    });
    const client = await served.open();
    for (const [index, token] of ["one", "two", undefined].entries()) {
      const headers = token === undefined ? client.headers : { ...client.headers, authorization: token };
      const answering = rawRequest(served.url, { method: "POST", headers, body: toolCall(index) });
      const call = await served.commanded.call(index + 1);
      expect(call.extra.authInfo).toEqual(token && { ...AUTH, token });
      call.finish("");
      await answering;
    }
  });

  it("is the request: its headers in lower case, and its URL with the query", async () => {
    served = await ServedTransport.start(Transport);
    const client = await served.open();
    const headers = { ...client.headers, "X-Own": "one, two", host: "app.example:81" };
    const answering = rawRequest(`${served.url}?a=1&b=%20`, { method: "POST", headers, body: toolCall(1) });
    const call = await served.commanded.call(1);
    const { requestInfo, sessionId } = call.extra;
    expect(sessionId).toBe(client.sessionId);
    expect(requestInfo?.headers).toMatchObject({
      "x-own": "one, two",
      host: "app.example:81",
      "content-type": "application/json",
      "mcp-session-id": client.sessionId,
    });
    expect(requestInfo?.url).toBeInstanceOf(URL);
    expect(requestInfo?.url?.href).toBe("http://app.example:81/mcp?a=1&b=%20");
    call.finish("");
    await answering;
  });

  it("is the same URL behind an Express router", async () => {
    served = await ServedTransport.start(Transport);
    const client = await served.open();
    const router = express.Router();
    router.post("/mcp", (req, res) => served.transport.handleRequest(req, res));
    const http = createServer(express().use("/api", router));
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const { port } = http.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/api/mcp?a=1`;
    const answering = rawRequest(url, { method: "POST", headers: client.headers, body: toolCall(1) });
    const call = await served.commanded.call(1);
    expect(call.extra.requestInfo?.url?.href).toBe(`http://127.0.0.1:${port}/mcp?a=1`);
    call.finish("");
    await answering;
    await new Promise((resolve) => http.close(resolve));
  });

  it("is https where the connection is", async () => {
    served = await ServedTransport.start(Transport);
    const client = await served.open();
    // A key that both sides know makes TLS without a certificate.
    const shared = { ciphers: "PSK", maxVersion: "TLSv1.2" } as const;
    const psk = Buffer.from("a key of this test");
    const https = createSecureServer({ ...shared, pskCallback: () => psk }, (incoming, response) => {
      void served.transport.handleRequest(incoming, response);
    });
    await new Promise<void>((resolve) => https.listen(0, "127.0.0.1", resolve));
    const { port } = https.address() as AddressInfo;
    const headers = {
      ...client.headers,
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
    };
    const options: RequestOptions & ConnectionOptions = {
      ...shared,
      method: "POST",
      headers,
      agent: false,
      checkServerIdentity: () => undefined,
      pskCallback: () => ({ psk, identity: "test" }),
    };
    const asking = request(`https://127.0.0.1:${port}/mcp`, options);
    asking.end(JSON.stringify(toolCall(1)));
    const call = await served.commanded.call(1);
    expect(call.extra.requestInfo?.url?.href).toBe(`https://127.0.0.1:${port}/mcp`);
    asking.on("error", () => {}).destroy();
    await new Promise((resolve) => https.close(resolve));
  });

  it.each([
    { revision: "2025-11-25", store: true, closes: true },
    { revision: "2025-11-25", store: false, closes: false },
    { revision: "2025-06-18", store: true, closes: false },
    { revision: "2025-03-26", store: true, closes: false },
  ])(
    "is how to close connections, where clients can come back: on $revision, event store $store: $closes",
    async ({ revision, store, closes }) => {
      served = await ServedTransport.start(Transport, store ? { eventStore: new InMemoryEventStore() } : {});
      const client = await served.open(revision);
      const answer = await client.post(toolCall(1));
      const call = await served.commanded.call(1);
      const { closeSSEStream, closeStandaloneSSEStream } = call.extra;
      expect([typeof closeSSEStream, typeof closeStandaloneSSEStream]).toEqual(
        closes ? ["function", "function"] : ["undefined", "undefined"],
      );
      call.finish("");
      await answer.untilOver();
    },
  );
});
