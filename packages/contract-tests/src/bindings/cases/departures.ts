import assert from "node:assert/strict";
import type { BindingCase } from "../binding-case.js";
import { rawRequest } from "../client/raw-socket.js";
import { initialize, toolCall } from "../client/session-client.js";

/** Clients that go away, and servers that do. */
export const departureCases: readonly BindingCase[] = [
  {
    name: "G1 G7 a client that goes away leaves no connection behind, and its call goes on",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const answer = await session.call(1);
      const call = await served.call(1);
      await call.notify("heard");
      await answer.untilMessages(1);
      assert.equal(served.stats.connections, 1);
      answer.cut();
      await served.until({ connections: 0, bufferedBytes: 0, calls: 1 });
      await call.notify("unheard");
      call.finish("done");
      await served.until({ calls: 0 });
      const resumed = await session.get(answer.cursor);
      assert.deepEqual((await resumed.untilOver()).said, ["unheard", "done"]);
    },
  },
  {
    name: "G7 a client of the GET stream that goes away leaves no connection behind",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const stream = await session.get();
      await served.until({ connections: 1 });
      stream.cut();
      await served.until({ connections: 0 });
    },
  },
  {
    name: "G7 a client that goes away before its answer begins leaves nothing behind",
    async run(t) {
      const served = await t.serve({ enableJsonResponse: true });
      const session = await served.openSession();
      const started = served.start({ method: "POST", headers: session.headers, body: toolCall(1) });
      const call = await served.call(1);
      started.cut();
      await assert.rejects(started.answer);
      call.finish("for nobody");
      await served.until({ calls: 0, connections: 0 });
      await served.assertUsable();
      assert.deepEqual(served.complaints, []);
    },
  },
  {
    name: "G7 a client that goes away while its body is sent leaves nothing behind",
    async run(t) {
      const served = await t.serve();
      for (const framing of [{ "content-length": "1000" }, { "transfer-encoding": "chunked" }]) {
        const socket = await served.socket();
        const head = { "content-type": "application/json", ...framing };
        socket.write(`${rawRequest("POST", head)}${"content-length" in framing ? "" : "3e8\r\n"}{"jsonrpc":`);
        await served.assertUsable();
        socket.cut();
      }
      await served.assertUsable();
      await served.until({ calls: 0, connections: 0 });
      assert.deepEqual(served.complaints, []);
    },
  },
  {
    name: "G7 a client that goes away while its session is opened leaves no connection behind",
    async run(t) {
      let open = () => {};
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      let asked = () => {};
      const wasAsked = new Promise<void>((resolve) => {
        asked = resolve;
      });
      const served = await t.serve({
        createServer: async () => {
          asked();
          await opened;
          return t.createServerObject().server;
        },
      });
      const started = served.start({ method: "POST", body: initialize() });
      await wasAsked;
      started.cut();
      await assert.rejects(started.answer);
      open();
      await served.until({ sessions: 1, calls: 0, connections: 0 });
      await served.openSession();
    },
  },
  {
    name: "G10 closing ends open streams with a retry, and comes to an end",
    async run(t) {
      const served = await t.serve({ retryMs: 1234 });
      const session = await served.openSession();
      const streams = [await session.get(), await session.call(1)];
      await served.until({ connections: 2 });
      await served.close();
      for (const stream of streams) {
        await stream.untilOver();
        assert.ok(stream.isComplete);
        assert.equal(stream.events.at(-1)?.retryMs, 1234);
      }
      await assert.rejects(served.request({ method: "GET" }));
    },
  },
];
