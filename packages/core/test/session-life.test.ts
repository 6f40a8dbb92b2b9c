import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, it, vi } from "vitest";
import { createMcpEndpoint, DurableMcpError, type HttpRequest, type SessionContext } from "../src/index.js";
import { INITIALIZE } from "./support/answer-rows.js";
import { ControlledStore } from "./support/controlled-store.js";
import { ask } from "./support/fake-http.js";
import { soon } from "./support/soon.js";
import { over, restarted, TestBed } from "./support/test-session.js";

describe("a session that ends for good in the middle of a call", () => {
  it.each(["DELETE", "its server object closes"])("%s: the call is told so at once", async (how) => {
    const bed = new TestBed();
    const client = await bed.open();
    const call = await client.call(1);
    await bed.dispatched(1);
    if (how === "DELETE") await client.delete();
    else await bed.server.close();
    await over(call);
    expect(call.messages).toMatchObject([{ id: 1, error: { code: -31010, data: { retryable: true } } }]);
    expect((await client.get(call.cursor)).status).toBe(404);
  });
});

describe("ids", () => {
  it("in a cursor of an unknown stream do not touch the call in flight that has the same one", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    const call = await client.call(1);
    const running = await bed.dispatched(1);
    await over(await client.get("p.oldstream.1.0.0"));
    running.finish("fine");
    await over(call);
    expect(call.messages).toMatchObject([{ id: 1, result: {} }]);
  });

  it("of more than 1,024 characters are refused, and not remembered when they are cancelled", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    expect((await client.call("x".repeat(1_025))).status).toBe(400);
    await client.cancel("x".repeat(1_025));
    const call = await client.call("x".repeat(1_024));
    (await bed.dispatched(1)).finish("fine");
    await over(call);
    expect(call.messages).toMatchObject([{ result: {} }]);
  });
});

describe("a server object", () => {
  it("that is never ready in a restore: requests fail at the deadline, and close() does not wait for ever", async () => {
    const { bed, client } = await restarted({ createServer: () => new Promise(() => {}) });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const get = client.get();
      await vi.advanceTimersByTimeAsync(1);
      const deleted = client.delete();
      await vi.advanceTimersByTimeAsync(1);
      const closed = bed.endpoint.close();
      await vi.advanceTimersByTimeAsync(15_000);
      expect((await get).status).toBe(500);
      expect((await deleted).status).toBe(200);
      await closed;
    } finally {
      vi.useRealTimers();
    }
  });

  it("whose callbacks throw does not keep its session from ending", async () => {
    const control = new ControlledStore();
    const bed = new TestBed({}, control);
    const client = await bed.open();
    bed.server.onclose = () => {
      throw new Error("onclose failed");
    };
    await control.inner.sessions.claim(client.sessionId, 1, "another node");
    await client.call(1);
    (await bed.dispatched(1)).finish("too late");
    await soon(() => expect(bed.endpoint.stats().sessions).toBe(0));
  });

  it("of a paused owner can close, and ends nothing of the new owner's (G6)", async () => {
    const bed = new TestBed();
    const { sessions } = bed.control.inner;
    const client = await bed.open();
    await sessions.claim(client.sessionId, 1, "another node");
    await bed.server.close();
    expect(await sessions.get(client.sessionId)).toMatchObject({ nodeId: "another node" });
  });

  it("that would rather speak another revision after a restart does not change the client's", async () => {
    const { client, bed } = await restarted({}, "2025-06-18");
    await over(await client.post({ jsonrpc: "2.0", id: 1, method: "ping" }));
    const record = await bed.control.inner.sessions.get(client.sessionId);
    expect(record?.shape.initializeResult).toMatchObject({ protocolVersion: "2025-06-18" });
  });

  it.each([false, true])(
    "whose result JSON cannot say gets an error through (JSON mode: %s)",
    async (enableJsonResponse) => {
      const bed = new TestBed({ enableJsonResponse });
      const client = await bed.open();
      bed.server.setRequestHandler(CallToolRequestSchema, () => ({ content: [], _meta: { big: 1n } }));
      const answer = await client.call(1);
      await over(answer);
      expect(answer.text).toContain('"error":{"code":-32603');
    },
  );
});

describe("G7: what a session keeps", () => {
  const open = (bed: TestBed, params: object) =>
    ask(bed.endpoint, { body: { jsonrpc: "2.0", id: 0, method: "initialize", params } });

  it("is refused where it is too much", async () => {
    const bed = new TestBed({ maxSessionLength: 2_000 });
    const tooLarge = {
      protocolVersion: "2025-11-25",
      capabilities: { experimental: { a: { b: "x".repeat(2_000) } } },
    };
    expect((await open(bed, tooLarge)).status).toBe(413);
    expect(bed.endpoint.stats().sessions).toBe(0);

    const client = await bed.open();
    const subscribe = (uri: string) =>
      client.post({ jsonrpc: "2.0", id: uri.length, method: "resources/subscribe", params: { uri } });
    const refused = await subscribe(`x:${"y".repeat(2_000)}`);
    await over(refused);
    expect(refused.messages).toMatchObject([{ error: { code: -31015 } }]);
    const accepted = await subscribe("x:y");
    await over(accepted);
    expect(accepted.messages).toMatchObject([{ result: {} }]);
  });

  it("is left alone by odd and deep initialize parameters, which leave nothing behind", async () => {
    const bed = new TestBed();
    for (const depth of [10, 4_000]) {
      const deep = JSON.parse(`${'{"a":'.repeat(depth)}{}${"}".repeat(depth)}`);
      const capabilities = { experimental: { deep } };
      const clientInfo = { name: "odd", version: "1" };
      await open(bed, { protocolVersion: { toString: 1 }, capabilities, clientInfo });
      await open(bed, { protocolVersion: "2025-11-25", capabilities, clientInfo });
    }
    await soon(async () => {
      const { sessions } = await bed.control.inner.sessions.list("", { limit: 100 });
      expect(sessions.length).toBe(bed.endpoint.stats().sessions);
    });
  });
});

describe("G9: a principal that is not whole", () => {
  it.each([
    ["a string", "ann"],
    ["no subject", { issuer: "i", subject: undefined, client: "c" }],
    ["an empty subject", { issuer: "i", subject: "", client: "c" }],
    ["nothing of it", {}],
    ["nothing, though the request is authenticated", undefined],
  ])("%s: the request is refused, and the log says why", async (_, principal) => {
    const errors: unknown[] = [];
    const logger = {
      info: () => {},
      warn: () => {},
      error: (_: string, fields?: object) => errors.push(fields),
    };
    const bed = new TestBed({ principal: () => principal as never, logger });
    const answer = await ask(bed.endpoint, { body: {}, authInfo: { token: "t" } });
    expect([answer.status, answer.json]).toMatchObject([500, { error: { code: -32603 } }]);
    expect(answer.text).not.toContain("principal");
    expect(errors).toMatchObject([{ message: expect.stringContaining("`principal` option") }]);
  });
});

describe("G9: the list of a principal's sessions", () => {
  const ann = { issuer: "i", subject: "ann", client: "c" };
  const ben = { ...ann, subject: "ben" };
  const as = ({ subject }: typeof ann) => ({ "x-user": subject });
  const principal = ({ headers }: HttpRequest) => ({ ...ann, subject: headers["x-user"] ?? "" });

  it("has those that live, newest first, with what is kept of them, and nobody else's", async () => {
    const contexts: SessionContext[] = [];
    const bed = new TestBed({ principal, storedHeaders: ["x-chat"] });
    const settings = { principal, storedHeaders: ["x-chat"], store: bed.control.store };
    const endpoint = createMcpEndpoint({
      ...settings,
      createServer: (context) => {
        contexts.push(context);
        return new Server({ name: "listed", version: "1" }, {});
      },
    });
    for (const [user, chat] of [
      [ann, "one"],
      [ben, "two"],
      [ann, "three"],
    ] as const) {
      const headers = { ...as(user), "x-chat": chat };
      const response = await ask(endpoint, { body: INITIALIZE, headers, url: `/mcp?chat=${chat}` });
      await soon(() => expect(response.ended).toBe(true));
    }
    expect(contexts.map((context) => context.principal)).toEqual([ann, ben, ann]);
    await contexts[2]?.setState({ a: 1 });
    const entry = (place: number, chat: string, state: object) => ({
      sessionId: contexts[place]?.sessionId,
      createdAtMs: expect.any(Number),
      query: { chat },
      headers: { "x-chat": chat },
      state,
    });
    const listed = [entry(2, "three", { a: 1 }), entry(0, "one", {})];
    expect(await endpoint.sessions(ann)).toEqual(listed);
    expect(await bed.endpoint.sessions(ann), "by another endpoint on the store").toEqual(listed);
    expect(await endpoint.sessions(ben)).toEqual([entry(1, "two", {})]);
    expect(await endpoint.sessions()).toEqual([]);

    const ending = { ...as(ann), "mcp-session-id": contexts[2]?.sessionId };
    await ask(endpoint, { method: "DELETE", headers: ending });
    expect(await endpoint.sessions(ann)).toEqual([entry(0, "one", {})]);
  });

  it("is whole beyond a page of the store's", async () => {
    const bed = new TestBed();
    for (let n = 0; n < 101; n += 1) await bed.open();
    const sessions = await bed.endpoint.sessions();
    expect(new Set(sessions.map(({ sessionId }) => sessionId)).size).toBe(101);
  });
});

describe("createServer may refuse a session", () => {
  it("and its client is told why, with nothing left behind", async () => {
    const bed = new TestBed({
      createServer: () => {
        throw new DurableMcpError("INVALID_REQUEST", "Unknown app");
      },
    });
    const answer = await ask(bed.endpoint, { body: INITIALIZE });
    expect(answer).toMatchObject({
      status: 400,
      json: { id: "init", error: { code: -32600, message: "Unknown app" } },
    });
    expect(await bed.endpoint.sessions()).toEqual([]);
  });
});
