import { describe, expect, it } from "vitest";
import { SDKS } from "../support/sdk-table.js";
import { waitFor } from "../support/wait-for.js";
import { counted, Stage } from "./sdk-transport-stage.js";

describe.each(SDKS)(
  "the transport of SDK %s over SQLite, killed and started again",
  { timeout: 20_000 },
  (sdk) => {
    const stage = Stage.use(sdk, "SQLite");

    it("G4 brings a client everything that was stored before, once and in order, on both streams", async () => {
      const actor = await stage.enter();
      const { session, proxy, official, heard } = actor;
      const { progress, result } = await stage.work(actor);
      await stage.server.progress(session, 1, 3);
      await stage.server.say(session, "one", "two");
      await waitFor("what was said so far", () => progress.length === 3 && heard.length === 2);

      proxy.refuse(true);
      proxy.cut();
      await stage.server.progress(session, 4, 6);
      await stage.server.say(session, "three", "four");
      const before = await stage.server.stored();
      await stage.server.finish(session, "worked");
      await waitFor("the result in the store", async () => (await stage.server.stored()) > before);
      await stage.server.kill();
      stage.server = await stage.server.startAgain();
      proxy.refuse(false);

      expect(await result).toMatchObject({ content: [{ text: "worked" }] });
      await waitFor("the messages", () => heard.length >= 4);
      expect(progress).toEqual(counted(6));
      expect(heard).toEqual(["one", "two", "three", "four"]);

      // The session goes on as far as its requests need nothing that only the process had.
      expect(await official.client.callTool({ name: "echo" })).toMatchObject({ content: [{ text: "echo" }] });
      expect(official.transport.sessionId).toBe(session);
      await official.transport.terminateSession();
      expect(await stage.server.has(session)).toBe(false);
      const { status } = await fetch(stage.server.url, { headers: { "mcp-session-id": session } });
      expect(status).toBe(404);
    });

    it("leaves a call that was under way to its client's timeout, and sends that client round no loop", async () => {
      const { session, proxy, official } = await stage.enter();
      const timeoutMs = 1_500;
      const calling = official.client.callTool({ name: "work" }, undefined, { timeout: timeoutMs });
      calling.catch(() => {});
      await stage.server.isAtWork(session);
      await waitFor("the call's stream", () => official.requests.every(({ status }) => status !== undefined));
      proxy.refuse(true);
      proxy.cut();
      await stage.server.kill();
      stage.server = await stage.server.startAgain();
      const before = official.requests.length;
      proxy.refuse(false);
      await expect(calling).rejects.toThrow("timed out");
      // It is told to come back after 20 ms.
      expect(official.requests.length - before).toBeLessThan(15);
      expect(await official.client.callTool({ name: "echo" })).toMatchObject({ content: [{ text: "echo" }] });
    });

    it("G3 serves no session that never was", async () => {
      const response = await fetch(stage.server.url, { headers: { "mcp-session-id": "invented" } });
      expect(response.status).toBe(404);
      expect(await stage.server.has("invented")).toBe(false);
    });
  },
);
