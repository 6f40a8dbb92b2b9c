import { join } from "node:path";
import { LoggingMessageNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectOfficialClient } from "../support/official-client.js";
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

describe.each(ENDS)(
  "G4 After a process with $name has ended $how",
  { timeout: 20_000 },
  ({ Transport, inOrder }) => {
    beforeEach(async () => {
      app = await RestartableApp.start(Transport, join(directory.path, "sessions.db"));
    });

    it("a session that the client had ended, and one that never was, are not found on any verb", async () => {
      const ended = await RawClient.open(app.url);
      expect(await ended.delete()).toBe(200);
      app = await app.restart({ inOrder });
      const invented = RawClient.attach(app.url, { ...ended, sessionId: "invented" } as RawClient);
      for (const { headers } of [ended, invented]) {
        for (const [method, body] of [
          ["POST", ping(1)],
          ["GET", undefined],
          ["DELETE", undefined],
        ] as const) {
          expect(await answerTo(app.url, { method, headers, body })).toMatch(/^404 -32001 /);
        }
      }
      expect([app.told, app.sessions.size]).toEqual([[], 0]);
    });

    it("a DELETE ends the session before anything else has brought it back", async () => {
      const client = await RawClient.open(app.url);
      app = await app.restart({ inOrder });
      expect(await client.delete()).toBe(200);
      expect(app.told.filter((one) => one.startsWith("ended"))).toEqual([`ended ${client.sessionId}`]);
      expect([await client.delete(), app.sessions.size]).toEqual([404, 0]);
    });

    it("requests that come at once, each to a transport of its own, bring it back once", async () => {
      const client = await RawClient.open(app.url);
      app = await app.restart({ inOrder });
      const calls = [1, 2, 3, 4].map((id) => client.post(toolCall(id, "echo", { text: `${id}` })));
      const stream = await client.get();
      for (const answer of await Promise.all(calls)) {
        await answer.untilOver();
        expect([answer.status, answer.messages.length]).toEqual([200, 1]);
      }
      expect(app.told).toEqual([`opened ${client.sessionId}`]);
      await app.session(client.sessionId).commanded.say("heard");
      await stream.untilMessages(1);
      expect((await client.post(ping("last"))).status).toBe(200);
      stream.cut();
    });

    it("the official client goes on without noticing", async () => {
      const { client, transport, requests } = await connectOfficialClient(app.url);
      const told: string[] = [];
      client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
        told.push(String(params.data));
      });
      const id = transport.sessionId as string;
      const listening = (times: number) =>
        waitFor(`GET stream ${times}`, () => {
          const opened = requests.filter(({ method, status }) => method === "GET" && status === 200);
          return opened.length >= times;
        });
      for (let restarts = 1; restarts <= 3; restarts += 1) {
        await listening(restarts);
        await app.session(id).commanded.say(`before ${restarts}`);
        await waitFor("the message before", () => told.length === 2 * restarts - 1);
        app = await app.restart({ inOrder });
        await listening(restarts + 1);
        const { content } = await client.callTool({ name: "echo", arguments: { text: `${restarts}` } });
        expect(content).toEqual([{ type: "text", text: `${restarts}` }]);
        await app.session(id).commanded.say(`after ${restarts}`);
        await waitFor("the message after", () => told.length === 2 * restarts);
      }
      expect(told).toEqual([1, 2, 3].flatMap((n) => [`before ${n}`, `after ${n}`]));
      expect(transport.sessionId).toBe(id);
      await client.close();
    });
  },
);
