import { describe, expect, test } from "vitest";
import { CONCLUSION_DEADLINE_MS, useDurableServer } from "../support/durable-server.js";
import { rawRequest } from "../support/raw-http.js";
import { RawSession } from "../support/raw-session.js";
import { DURABLE_STORES_AND_SDKS } from "../support/store-table.js";
import { waitFor } from "../support/wait-for.js";

describe.each(DURABLE_STORES_AND_SDKS)(
  "G4 on $kind, SDK $sdk: after kill -9 and restart",
  { timeout: 30_000 },
  (row) => {
    const server = useDurableServer(row);

    test.each([
      ["2025-03-26", "2025-03-26"],
      ["2025-06-18", "2025-06-18"],
      ["2025-11-25", "2025-11-25"],
      ["2099-01-01", "2025-11-25"],
    ])(
      "a session of a client that asked for %s is what it was, and says nothing of its own",
      async (asked, negotiated) => {
        const everything = await server.start();
        const session = await RawSession.open(everything.url, { protocolVersion: asked });
        expect(session.protocolVersion).toBe(negotiated);
        const uris = ["test://a", "test://b"];
        const { notifications } = session.notifications.resume() && session;
        for (const uri of [...uris, "test://c"]) await session.done("resources/subscribe", { uri });
        await session.done("resources/unsubscribe", { uri: "test://c" });
        await session.done("logging/setLevel", { level: "warning" });
        await waitFor("what subscribing has said", () => notifications.events.length === 3);

        for (let restarts = 1; restarts <= 2; restarts += 1) {
          await everything.restart();
          notifications.resume();
          for (const uri of uris) expect(await session.text("test_update_resource", { uri })).toBe("sent");
          expect(await session.text("test_update_resource", { uri: "test://c" })).toBe("not subscribed");
          await session.text("test_log", { level: "info", data: "below", to: "session" });
          await session.text("test_log", { level: "warning", data: "above", to: "session" });
          await waitFor("the warning", () => notifications.events.length >= 3 + 3 * restarts);
        }
        const said = notifications.messages.map(({ params }) => params.uri ?? params.data);
        const after = [...uris, "above"];
        const subscribed = [...uris, "test://c"].map((uri) => `subscribed: ${uri}`);
        expect(said).toEqual([...subscribed, ...after, ...after]);

        expect(await session.text("test_sampling", { prompt: "hi" })).toBe("LLM response: echo hi");
        expect(session.calls.at(-1)?.cursors[0]?.endsWith(".0.0")).toBe(negotiated === "2025-11-25");
        const batch = [1, 2].map((id) => ({ jsonrpc: "2.0", id, method: "ping" }));
        const answer = await session.request("POST", { body: batch });
        expect(answer.status).toBe(negotiated === "2025-03-26" ? 200 : 400);
      },
    );

    test("a question that nobody can answer any more is taken back, and a late answer does no harm", async () => {
      const everything = await server.start();
      const session = await RawSession.open(everything.url, { capabilities: { roots: {} } });
      session.notifications.resume();
      const call = session.call("test_roots");
      await waitFor("the question", () => session.asked.length === 1);
      await everything.restart();

      session.notifications.resume();
      await call.followToResponse(CONCLUSION_DEADLINE_MS);
      await waitFor("the cancellation", () => session.notifications.events.length === 1);
      expect(session.notifications.messages).toMatchObject([
        { method: "notifications/cancelled", params: { requestId: session.asked[0] } },
      ]);
      const { status } = await session.send({ id: session.asked[0] ?? "", result: { roots: [] } });
      expect(status).toBe(202);
      const again = session.call("test_roots");
      await waitFor("the new question", () => session.asked.length === 2);
      expect(session.asked[1]).not.toBe(session.asked[0]);
      await session.send({ id: session.asked[1] ?? "", result: { roots: [{ uri: "file:///new" }] } });
      const { result } = await again.followToResponse(5_000);
      expect(result.content[0].text).toBe('[{"uri":"file:///new"}]');
    });

    test("a session that was ended stays ended", async () => {
      const everything = await server.start();
      const session = await RawSession.open(everything.url);
      expect((await session.request("DELETE")).status).toBe(200);
      await everything.restart();

      const headers = { "mcp-session-id": session.id };
      const body = { jsonrpc: "2.0", id: 1, method: "ping" };
      for (const request of [{ method: "POST", body }, { method: "GET" }, { method: "DELETE" }]) {
        expect((await rawRequest(everything.url, { ...request, headers })).status).toBe(404);
      }
    });
  },
);
