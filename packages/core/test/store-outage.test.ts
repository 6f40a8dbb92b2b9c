import { describe, expect, it, vi } from "vitest";
import { ask, FakeResponse } from "./support/fake-http.js";
import { soon } from "./support/soon.js";
import { over, TestBed } from "./support/test-session.js";

const UNAVAILABLE = { code: -31011, data: { reason: "STORE_UNAVAILABLE", retryable: true } };

describe("G7: the counter of unread bytes", () => {
  it("counts an answer that has ended until its client has read it or is gone", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    for (const leave of ["drain", "disconnect"] as const) {
      const slow = new FakeResponse();
      await client.call(leave, "tool", slow);
      const running = await bed.dispatched(leave === "drain" ? 1 : 2);
      slow.slow = true;
      running.finish("x".repeat(10_000));
      await over(slow);
      expect(bed.endpoint.stats().connections).toBe(0);
      expect(bed.endpoint.stats().bufferedBytes).toBeGreaterThan(10_000);
      slow[leave]();
      expect(bed.endpoint.stats().bufferedBytes).toBe(0);
    }
  });
});

describe("G8: the store fails", () => {
  it.each(["touch", "get"] as const)(
    "a request whose %s fails gets 503 with Retry-After, under its own id",
    async (op) => {
      const bed = new TestBed({ idleTtlMs: 60_000 });
      const client = await bed.open();
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + (op === "touch" ? 10_000 : 61_000) });
      try {
        bed.control.fail(op);
        const answer = await client.call(5);
        expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "2"]);
        expect(answer.json).toMatchObject({ jsonrpc: "2.0", id: 5, error: UNAVAILABLE });
        const get = await client.get();
        expect([get.status, get.headers["retry-after"]]).toEqual([503, "2"]);
        expect(get.json).toMatchObject({ id: null, error: UNAVAILABLE });
      } finally {
        vi.useRealTimers();
      }
    },
  );

  it("initialize and DELETE get 503; nothing is left behind, and the session goes on afterwards", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    bed.control.fail();
    const params = {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "x", version: "1" },
    };
    const initialize = await ask(bed.endpoint, {
      body: { jsonrpc: "2.0", id: 1, method: "initialize", params },
    });
    expect(initialize.status).toBe(503);
    expect((await client.delete()).status).toBe(503);
    expect(bed.endpoint.stats()).toMatchObject({ sessions: 1, calls: 0 });
    bed.control.recover();
    const call = await client.call(1);
    (await bed.dispatched(1)).finish("fine");
    await over(call);
    expect(call.messages).toMatchObject([{ id: 1, result: {} }]);
    expect((await client.delete()).status).toBe(200);
  });

  it("a response that cannot be stored becomes an error on the open stream, at its terminal cursor", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    const call = await client.call(1);
    const running = await bed.dispatched(1);
    bed.control.fail("append");
    running.finish("lost");
    await over(call);
    expect(call.messages).toMatchObject([{ id: 1, error: UNAVAILABLE }]);
    expect(call.cursor).toMatch(/^p\..*\.end\.0$/);
    expect(bed.endpoint.stats().calls).toBe(0);
    bed.control.recover();
    expect((await client.get(call.cursor)).status).toBe(405);
    // A client that was cut off before the error gets another one.
    const resumed = await client.get(call.frames[0]?.id);
    await over(resumed);
    expect(resumed.messages).toMatchObject([{ id: 1, error: { code: -31010 } }]);
  });

  it("a notification that cannot be stored ends its call with an error: nothing is stored after the hole", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    const call = await client.call(1);
    const running = await bed.dispatched(1);
    await running.notify("one");
    await soon(() => expect(call.messages).toHaveLength(1));
    const cursor = call.cursor;
    const release = bed.control.hold("append");
    void running.notify("two");
    // Waits for its turn while the append before it fails.
    void running.notify("three").catch(() => {});
    running.finish("done");
    await new Promise((resolve) => setImmediate(resolve));
    bed.control.failOnce("append");
    release();
    await over(call);
    expect(call.messages.slice(1)).toMatchObject([{ id: 1, error: UNAVAILABLE }]);
    const resumed = await client.get(cursor);
    await over(resumed);
    expect(resumed.messages).toMatchObject([{ id: 1, error: { code: -31010 } }]);
  });

  it("every request of a batch that is in flight ends with an error", async () => {
    const bed = new TestBed();
    const client = await bed.open("2025-03-26");
    const batch = [1, 2, 3].map((id) => ({
      jsonrpc: "2.0",
      id,
      method: "tools/call",
      params: { name: "x" },
    }));
    const answer = await client.post(batch);
    (await bed.dispatched(3)).finish("kept");
    await soon(() => expect(answer.messages).toHaveLength(1));
    bed.control.fail("append");
    (await bed.dispatched(1)).finish("lost");
    await over(answer);
    expect(answer.messages).toMatchObject([
      { id: 3, result: {} },
      { id: 1, error: UNAVAILABLE },
      { id: 2, error: UNAVAILABLE },
    ]);
    bed.control.recover();
    // What was read stays read, what was not is concluded.
    const resumed = await client.get(answer.frames[0]?.id);
    await over(resumed);
    expect(resumed.messages.map(({ id, error }) => [id, error?.code])).toEqual([
      [1, -31010],
      [2, -31010],
    ]);
  });

  it("a slow client is not told of the end before it has read what is stored", async () => {
    const bed = new TestBed();
    const client = await bed.open("2025-03-26");
    const slow = new FakeResponse();
    await client.post(
      [1, 2].map((id) => ({ jsonrpc: "2.0", id, method: "tools/call", params: { name: "x" } })),
      slow,
    );
    const running = await bed.dispatched(2);
    slow.slow = true;
    await running.notify("read");
    await soon(() => expect(slow.messages).toHaveLength(1));
    bed.calls[0]?.finish("stored, but not read");
    await soon(() => expect(bed.endpoint.stats().calls).toBe(1));
    bed.control.fail("append");
    running.finish("lost");
    await soon(() => expect(bed.endpoint.stats().calls).toBe(0));
    expect([slow.messages.length, slow.ended]).toEqual([1, false]);
    slow.slow = false;
    slow.drain();
    await over(slow);
    expect(slow.messages.slice(1)).toMatchObject([
      { id: 1, result: {} },
      { id: 2, error: UNAVAILABLE },
    ]);
  });

  it.each(["resources/subscribe", "logging/setLevel"])(
    "%s is not answered as done when it cannot be kept",
    async (method) => {
      const bed = new TestBed();
      const client = await bed.open();
      bed.control.fail("update");
      const params = method === "logging/setLevel" ? { level: "error" } : { uri: "test://a" };
      const answer = await client.post({ jsonrpc: "2.0", id: 1, method, params });
      await over(answer);
      expect(answer.messages).toMatchObject([{ id: 1, error: UNAVAILABLE }]);
    },
  );

  it("notifications/initialized that cannot be kept gets 503", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    bed.control.fail("update");
    const answer = await client.post({ jsonrpc: "2.0", method: "notifications/initialized" });
    expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "2"]);
  });

  it("requests that must be stored before they are dispatched are not dispatched", async () => {
    const bed = new TestBed({ onInterrupted: () => "dispatch-again" });
    const client = await bed.open();
    bed.control.fail("append");
    const answer = await client.call(1);
    expect(answer.status).toBe(503);
    expect(bed.calls).toHaveLength(0);
    expect(bed.endpoint.stats().calls).toBe(0);
    bed.control.recover();
    const again = await client.call(1);
    (await bed.dispatched(1)).finish("fine");
    await over(again);
    expect(again.messages).toMatchObject([{ id: 1, result: {} }]);
  });

  it("a connection that can read no further ends; a resume is told to come back with its cursor, and then goes on", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    const slow = new FakeResponse();
    await client.call(1, "tool", slow);
    const running = await bed.dispatched(1);
    slow.slow = true;
    await running.notify("one");
    await running.notify("two");
    await soon(() => expect(slow.messages).toHaveLength(1));
    bed.control.fail("read", "head");
    slow.slow = false;
    slow.drain();
    await over(slow);
    const early = await client.get(slow.cursor);
    await over(early);
    expect([early.status, early.frames]).toEqual([200, [{ id: slow.cursor, retry: 3_000, data: "" }]]);
    bed.control.recover();
    const resumed = await client.get(slow.cursor);
    running.finish("three");
    await over(resumed);
    expect(resumed.messages.map((message) => message.params?.data ?? message.id)).toEqual(["two", 1]);
  });

  it("a notification on the GET stream that cannot be stored is told to the server object", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    const errors: Error[] = [];
    bed.server.onerror = (error) => errors.push(error);
    bed.control.fail("append");
    await bed.server.sendToolListChanged().catch(() => {});
    await soon(() => expect(errors).toMatchObject([{ code: "STORE_UNAVAILABLE" }]));
    bed.control.recover();
    const get = await client.get();
    await bed.server.sendResourceListChanged();
    await soon(() =>
      expect(get.messages).toMatchObject([{ method: "notifications/resources/list_changed" }]),
    );
  });
});

describe("G2, G8: messages for the GET stream that could not be stored", () => {
  it("are made up for when the store is back: the client is told to look again", async () => {
    // House-keeping comes every tenth of it.
    const bed = new TestBed({ idleTtlMs: 300 });
    const client = await bed.open();
    const get = await client.get();
    await client.post({
      jsonrpc: "2.0",
      id: 1,
      method: "resources/subscribe",
      params: { uri: "test://one" },
    });
    bed.control.fail("append");
    await bed.server.sendLoggingMessage({ level: "info", data: "lost" });
    await soon(() => expect(bed.control.begun.filter((name) => name === "sweep").length).toBeGreaterThan(1));
    expect(get.messages).toEqual([]);
    bed.control.recover();
    await soon(() => expect(get.messages).toHaveLength(3));
    expect(get.messages).toMatchObject([
      { method: "notifications/tools/list_changed" },
      { method: "notifications/resources/list_changed" },
      { method: "notifications/resources/updated", params: { uri: "test://one" } },
    ]);
    expect(get.cursor).toBe("g.3.1");
  });

  it("a GET without a cursor is told to come back while the store is down; clients without priming get 503", async () => {
    const bed = new TestBed();
    const client = await bed.open();
    const older = await bed.open("2025-06-18");
    bed.control.fail("head");
    const get = await client.get();
    await over(get);
    expect([get.status, get.frames]).toEqual([200, [{ id: "g.0.0", retry: 3_000, data: "" }]]);
    expect((await older.get()).status).toBe(503);
  });

  it("a call that cannot even be read back from the store ends with an explicit error", async () => {
    for (const version of ["2025-11-25", "2025-06-18"]) {
      const bed = new TestBed();
      const client = await bed.open(version);
      bed.control.fail("append", "read", "head", "finals", "update", "touch", "get");
      const call = await client.call(1);
      (await bed.dispatched(1)).finish("lost");
      await over(call);
      expect(call.messages).toMatchObject([{ id: 1, error: UNAVAILABLE }]);
    }
  });

  it("a stranger is answered alike for a session that lives and for none (G3, G9)", async () => {
    const bed = new TestBed({
      principal: ({ headers }) => ({ issuer: "test", subject: headers["x-user"] ?? "?", client: "test" }),
    });
    const client = await bed.open("2025-11-25", { "x-user": "ann" });
    bed.control.fail("get");
    for (const method of ["POST", "GET", "DELETE"]) {
      const [foreign, unknown] = await Promise.all(
        [client.sessionId, "nowhere"].map((id) =>
          ask(bed.endpoint, {
            method,
            body: { jsonrpc: "2.0", id: 1, method: "ping" },
            headers: { "x-user": "bob", "mcp-session-id": id },
          }),
        ),
      );
      expect([foreign?.status, foreign?.text]).toEqual([unknown?.status, unknown?.text]);
    }
  });
});
