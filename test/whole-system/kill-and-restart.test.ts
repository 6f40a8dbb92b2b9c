import { describe, expect, test } from "vitest";
import { CONCLUSION_DEADLINE_MS, useDurableServer } from "../support/durable-server.js";
import { connectOfficialClient } from "../support/official-client.js";
import { RawSession } from "../support/raw-session.js";
import { DURABLE_STORES_AND_SDKS } from "../support/store-table.js";
import { waitFor } from "../support/wait-for.js";

/** How long to watch that something does not happen, in ms: 20 times what clients are told to wait (50 ms). */
const WATCH_MS = 1_000;

describe.each(DURABLE_STORES_AND_SDKS)(
  "G4 on $kind, SDK $sdk: after kill -9 and restart, a call",
  { timeout: 30_000 },
  (row) => {
    const server = useDurableServer(row);

    test("whose answer was not read is replayed, and one whose answer was read is not", async () => {
      const everything = await server.start();
      const session = await RawSession.open(everything.url);
      const unread = session.call("test_slow", { ms: 20, steps: 4 });
      await waitFor("its cursor", () => unread.cursor);
      unread.cut();
      const before = unread.events.length;
      // The other call ends long after the first.
      const read = session.call("test_slow", { ms: 300, steps: 1 });
      await read.followToResponse(5_000);
      await everything.restart();

      expect((await unread.followToResponse(CONCLUSION_DEADLINE_MS)).result.content[0].text).toBe(
        "slow done",
      );
      expect(unread.messages.map(({ params }) => params?.progress)).toEqual([1, 2, 3, 4, undefined]);
      expect(before).toBeLessThan(5);
      await read.resume().over();
      expect([read.statuses, read.events.length]).toEqual([[200, 405], 2]);
    });

    test("in flight ends in one explicit, retryable error and does not run again", async () => {
      const everything = await server.start();
      const session = await RawSession.open(everything.url);
      const slow = session.call("test_slow", { ms: 60_000, steps: 6_000 });
      const effect = session.call("test_side_effect", { key: "once", ms: 60_000 });
      await waitFor("progress", () => slow.events.length >= 3);
      await waitFor("the side effect", () => server.sideEffects().length === 1);
      await everything.restart();

      for (const call of [slow, effect]) {
        const { error } = await call.followToResponse(CONCLUSION_DEADLINE_MS);
        expect(error).toMatchObject({ code: -31010, data: { retryable: true } });
        await call.resume().over();
        expect(call.statuses).toEqual([200, 200, 405]);
      }
      const progress = slow.messages.slice(0, -1).map(({ params }) => params.progress);
      expect(progress).toEqual(progress.map((_, index) => index + 1));
      expect(server.sideEffects()).toEqual(["once"]);
      // Its id is free again, and the session works.
      expect(await session.text("test_counter")).toBe("1");
    });

    test("that died before its first append ends in an explicit, retryable error", async () => {
      const everything = await server.start();
      const session = await RawSession.open(everything.url);
      const call = session.call("test_side_effect", { key: "unknown", ms: 60_000 }, "the id / ü");
      await waitFor("the priming event", () => call.cursor);
      await everything.restart();

      const response = await call.followToResponse(CONCLUSION_DEADLINE_MS);
      expect(response).toMatchObject({ id: "the id / ü", error: { data: { retryable: true } } });
      await call.resume().over();
      expect(call.statuses).toEqual([200, 200, 405]);
      expect(server.sideEffects().length).toBeLessThanOrEqual(1);
    });

    test("runs again as often as it takes, if the application says so", async () => {
      const everything = await server.start("--on-interrupted", "dispatch-again");
      const session = await RawSession.open(everything.url);
      const call = session.call("test_side_effect", { key: "again", ms: 500 });
      for (const runs of [1, 2]) {
        await waitFor("the side effect", () => server.sideEffects().length === runs);
        await everything.restart();
        call.resume();
      }
      const { result } = await call.followToResponse(CONCLUSION_DEADLINE_MS);
      expect(result.content[0].text).toBe("appended again");
      expect(server.sideEffects()).toEqual(["again", "again", "again"]);
      expect(call.events).toHaveLength(1);
    });

    test("of the official client ends, and the client then asks no more", async () => {
      const everything = await server.start();
      const { client, requests } = await connectOfficialClient(everything.url);
      let progress = 0;
      const call = client.callTool(
        { name: "test_slow", arguments: { ms: 60_000, steps: 6_000 } },
        undefined,
        {
          onprogress: () => {
            progress += 1;
          },
        },
      );
      call.catch(() => {});
      await waitFor("progress", () => progress >= 3);
      const restartedAtMs = performance.now();
      await everything.restart();

      await expect(call).rejects.toMatchObject({ code: -31010, data: { retryable: true } });
      expect(performance.now() - restartedAtMs).toBeLessThan(CONCLUSION_DEADLINE_MS);
      const polls = () => requests.filter(({ lastEventId }) => lastEventId?.startsWith("p."));
      await waitFor("the answer that ends the polling", () => polls().at(-1)?.status === 405);
      const polled = polls().length;
      const watchedUntilMs = performance.now() + WATCH_MS;
      await waitFor("the end of the watch", () => performance.now() > watchedUntilMs);
      expect(polls()).toHaveLength(polled);
      expect(polls().filter(({ status }) => status === 405)).toHaveLength(1);
      expect(requests.map(({ status }) => status)).not.toContain(404);
      await client.close();
    });

    test("whose id is too long for an event id ends in an error for that id", async () => {
      const everything = await server.start();
      const session = await RawSession.open(everything.url);
      const id = "long ".repeat(200);
      const call = session.call("test_side_effect", { key: "long", ms: 60_000 }, id);
      await waitFor("the priming event", () => call.cursor);
      await everything.restart();

      const response = await call.followToResponse(CONCLUSION_DEADLINE_MS);
      expect(response).toMatchObject({ id, error: { data: { retryable: true } } });
    });

    test("that was cancelled gets no response, and no error either", async () => {
      const everything = await server.start();
      const session = await RawSession.open(everything.url);
      const call = session.call("test_cancellable", { key: "k" });
      await waitFor("the call to be running", () => call.events.length === 1);
      await session.send({ method: "notifications/cancelled", params: { requestId: 1 } });
      await call.over();
      await everything.restart();

      for (const cursor of call.cursors) {
        const again = session.reread(cursor);
        await again.over();
        expect([again.statuses, again.events]).toEqual([[405], []]);
      }
    });

    test("that was answered keeps its answer, while another one of the same batch ends in an error", async () => {
      const everything = await server.start();
      const session = await RawSession.open(everything.url, { protocolVersion: "2025-03-26" });
      const batch = ["fast", "slow"].map((id) => ({
        jsonrpc: "2.0",
        id,
        method: "tools/call",
        params: { name: "test_slow", arguments: { ms: id === "fast" ? 0 : 60_000, steps: 1 } },
      }));
      const stream = session.stream().post(batch);
      await waitFor("the fast answer", () => stream.response);
      await everything.restart();

      await stream.resume().over();
      expect(stream.messages).toMatchObject([
        { id: "fast", result: {} },
        { id: "slow", error: { code: -31010, data: { retryable: true } } },
      ]);
      await stream.resume().over();
      expect(stream.statuses).toEqual([200, 200, 405]);
    });
  },
);
