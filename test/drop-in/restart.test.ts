import { join } from "node:path";
import { formatStreamId, parseStreamId } from "@durable-mcp/contract";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RawClient } from "../support/raw-client.js";
import { temporaryDirectory } from "../support/store-table.js";
import { waitFor } from "../support/wait-for.js";
import { answerTo, ping, toolCall } from "./ask.js";
import { ENDS, RestartableApp } from "./restartable-app.js";

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let app: RestartableApp;

beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(async () => {
  await app.end({ inOrder: true });
  await directory.remove();
});

const request = (client: RawClient, method: string, params = {}) =>
  client.post({ jsonrpc: "2.0", id: method, method, params });

describe.each(ENDS)(
  "G4 After a process with $name has ended $how",
  { timeout: 20_000 },
  ({ Transport, inOrder }) => {
    beforeEach(async () => {
      app = await RestartableApp.start(Transport, join(directory.path, "sessions.db"));
    });

    it("a new transport brings the session back under its id, and says so", async () => {
      const client = await RawClient.open(app.url);
      app = await app.restart({ inOrder });
      const answer = await client.post(toolCall(1, "echo", { text: "still here" }));
      await answer.untilOver();
      expect(answer.messages).toEqual([expect.stringContaining("still here")]);
      expect(answer.header("mcp-session-id")).toBe(client.sessionId);
      expect(app.told).toEqual([`opened ${client.sessionId}`]);
      expect(app.session(client.sessionId).transport.sessionId).toBe(client.sessionId);
      await (await client.post(ping(2))).untilOver();
      expect([app.made, app.told.length]).toEqual([1, 1]);
    });

    it("the new server object knows the client, its log level and its subscriptions, and says nothing of its own", async () => {
      const client = await RawClient.open(app.url);
      await (await request(client, "logging/setLevel", { level: "error" })).untilOver();
      for (const uri of ["test://a", "test://b"]) {
        await (await request(client, "resources/subscribe", { uri })).untilOver();
      }
      app = await app.restart({ inOrder });
      const stream = await client.get();
      await waitFor("the session", () => app.sessions.size === 1);
      const { server, subscriptions } = app.session(client.sessionId).commanded;
      expect(server.getClientCapabilities()).toEqual({});
      expect(server.getClientVersion()).toEqual({ name: "raw", version: "1.0.0" });
      expect(subscriptions).toEqual(["test://a", "test://b"]);
      await server.sendLoggingMessage({ level: "info", data: "below" }, client.sessionId);
      await server.sendLoggingMessage({ level: "error", data: "above" }, client.sessionId);
      await stream.untilMessages(1);
      expect(stream.messages).toEqual([expect.stringContaining("above")]);
      stream.cut();
    });

    it("an interrupted call is concluded with a retryable error, and calls of other sessions under its id go on", async () => {
      const [ada, bob] = [await RawClient.open(app.url), await RawClient.open(app.url)];
      const lost = await ada.post(toolCall(1));
      const call = await app.session(ada.sessionId).commanded.call(1);
      await call.notify("before the end");
      await lost.untilMessages(1);
      app = await app.restart({ inOrder });

      const kept = await bob.post(toolCall(1));
      const { commanded } = await waitFor("bob's session", () => app.sessions.get(bob.sessionId));
      const other = await commanded.call(1);
      await (await ada.post(ping("first"))).untilOver();
      // Concluded by itself, whether or not the client comes back for it.
      const open = await app.store.log.openStreams(ada.sessionId);
      expect(open.filter((streamId) => parseStreamId(streamId)?.kind === "post")).toEqual([]);
      const rest = await ada.get(lost.cursor);
      await rest.untilOver();
      expect(rest.messages.map((data) => JSON.parse(data))).toEqual([
        {
          jsonrpc: "2.0",
          id: 1,
          error: expect.objectContaining({ data: { reason: "INTERRUPTED", retryable: true } }),
        },
      ]);
      expect(
        await answerTo(app.url, {
          method: "GET",
          headers: { ...ada.headers, "last-event-id": rest.cursor ?? "" },
        }),
      ).toBe("405 -32000 id=null");
      await other.notify("undisturbed");
      other.finish("done");
      await kept.untilOver();
      expect(kept.messages.length).toBe(2);
    });

    it("what was said on the GET stream and not read yet is read from the new transport", async () => {
      const client = await RawClient.open(app.url);
      const stream = await client.get();
      const { commanded } = app.session(client.sessionId);
      await commanded.say("read");
      await stream.untilMessages(1);
      stream.cut();
      await Promise.all(["one", "two", "three"].map((text) => commanded.say(text)));
      // A notification's sender does not wait until it is stored.
      const key = { sessionId: client.sessionId, streamId: formatStreamId({ kind: "get" }) };
      await waitFor("all to be stored", async () => (await app.store.log.head(key))?.last === 4);
      app = await app.restart({ inOrder });
      const again = await client.get(stream.cursor);
      await again.untilMessages(3);
      await app.session(client.sessionId).commanded.say("four");
      await again.untilMessages(4);
      const said = again.messages.map((data) => JSON.parse(data).params.data);
      expect(said).toEqual(["one", "two", "three", "four"]);
      again.cut();
    });
  },
);
