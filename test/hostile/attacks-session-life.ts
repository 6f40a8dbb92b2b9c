import { waitFor } from "../support/wait-for.js";
import { expectEqual } from "./expect-equal.js";
import { httpBytes } from "./http-bytes.js";
import { answered, type Outcome, refused } from "./outcomes.js";
import { post, rpc, toolCall } from "./row.js";
import { LIMITS } from "./server-process.js";
import type { Attack } from "./stage.js";

/** The beginning, the end and the bounds of sessions, with everybody at the door at once (G7). */
export const SESSION_LIFE_ATTACKS: readonly Attack[] = [
  {
    name: "initialize until the quota and beyond: 429 for the flooder, nothing for others",
    run: async (stage) => {
      const user = `flooder ${Math.random()}`;
      const params =
        '{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"n","version":"1"}}';
      const bytes = httpBytes(
        post(rpc("initialize", params), { "Mcp-Session-Id": undefined, "X-Test-User": user }),
      );
      const lane = async () => {
        const opened: string[] = [];
        let refusals = 0;
        for (let n = 0; n < 30; n += 1) {
          const [answer] = (await stage.exchange({ pieces: [bytes] })).answers;
          if (answered([7]).matches(answer)) opened.push(answer?.headers["mcp-session-id"] ?? "");
          else if (refused("SESSION_QUOTA", 7).matches(answer)) refusals += 1;
          else throw new Error(`Came: ${JSON.stringify(answer)}`);
        }
        return { opened, refusals };
      };
      const lanes = await Promise.all(Array.from({ length: 4 }, lane));
      const opened = lanes.flatMap((one) => one.opened);
      expectEqual("sessions opened", opened.length, LIMITS.maxSessionsPerPrincipal);
      expectEqual(
        "sessions refused",
        lanes.reduce((sum, { refusals }) => sum + refusals, 0),
        20,
      );
      await stage.withSession(undefined, async (session) =>
        expectEqual("others", await session.text("test_counter"), "1"),
      );
      const ended = await Promise.all(opened.map((id) => stage.remove(id, { "x-test-user": user })));
      expectEqual("sessions ended", ended.filter((status) => status === 200).length, opened.length);
    },
  },
  {
    name: "20 DELETEs at once: 200 for one, 404 for the others, and no call is left hanging",
    run: async (stage) => {
      const session = await stage.open();
      const calls = Array.from({ length: 5 }, () => session.call("test_slow", { ms: 1_500, steps: 500 }));
      session.notifications.resume();
      await waitFor(
        "the calls to run",
        () => calls.every(({ cursor }) => cursor) && session.notifications.cursor,
      );
      const statuses = await Promise.all(Array.from({ length: 20 }, () => stage.remove(session.id)));
      expectEqual("statuses", statuses.sort().join(), `200,${Array(19).fill(404)}`);
      const streams = [session.notifications, ...calls];
      await waitFor("the end of all streams", () => streams.every(({ connected }) => !connected));
      for (const { response } of calls) expectEqual("the answer of a call", response?.error?.code, -31010);
    },
  },
  {
    name: "DELETE among requests: each is answered, ends, or is told 404",
    run: async (stage) => {
      const session = await stage.open();
      const pings = Array.from({ length: 30 }, (_, id) => {
        const bytes = httpBytes(post(rpc("ping", "{}", String(id)), { "Mcp-Session-Id": session.id }));
        return stage.exchange({ pieces: [bytes] }, [session.id]);
      });
      const removed = stage.remove(session.id);
      const ended: Outcome = {
        says: "an ended stream",
        matches: (answer) => answer?.status === 200 && answer.whole,
      };
      for (const [id, ping] of pings.entries()) {
        const [answer] = (await ping).answers;
        if (![ended, refused("SESSION_NOT_FOUND", id)].some((outcome) => outcome.matches(answer)))
          throw new Error(`Came: ${JSON.stringify(answer)}`);
      }
      expectEqual("DELETE", await removed, 200);
    },
  },
  {
    name: "more requests in flight than a session may have",
    run: (stage) =>
      stage.withSession("2025-03-26", async (session) => {
        const batch = (first: number) =>
          JSON.stringify(
            Array.from({ length: 100 }, (_, n) => JSON.parse(toolCall("test_wait", "{}", String(first + n)))),
          );
        const first = session.stream().post(JSON.parse(batch(0)));
        await waitFor("the first to be taken", () => first.statuses[0]);
        const bytes = httpBytes(post(batch(100), { "Mcp-Session-Id": session.id }));
        const [answer] = (await stage.exchange({ pieces: [bytes] }, [session.id])).answers;
        if (!refused("TOO_MANY_CALLS").matches(answer)) throw new Error(`Came: ${JSON.stringify(answer)}`);
        await waitFor("the end of the first", () => !first.connected);
        expectEqual("answers to the first", first.messages.length, 100);
      }),
  },
];
