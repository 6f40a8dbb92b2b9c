import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitFor } from "../support/wait-for.js";
import { httpBytes } from "./http-bytes.js";
import { bare, post, rpc, toolCall } from "./row.js";
import { ServerProcess } from "./server-process.js";
import { Stage } from "./stage.js";

const MiB = 1024 * 1024;
const HEADERS = { accept: "application/json, text/event-stream", "content-type": "application/json" };
const MAX_BODY_BYTES = 4 * MiB;
/** How long memory is looked at, in ms. The bombs go off within the first second. */
const WATCHED_MS = 4_000;

let stage: Stage;
beforeEach(async () => {
  stage = new Stage(await ServerProcess.start("sqlite"));
});
afterEach(() => stage.server.stop());

/** The most memory in use, and the most unread bytes, that are seen within a while. */
async function watch(): Promise<{ readonly usedBytes: number; readonly unreadBytes: number }> {
  const seen = { usedBytes: 0, unreadBytes: 0 };
  for (const endMs = performance.now() + WATCHED_MS; performance.now() < endMs; ) {
    seen.usedBytes = Math.max(seen.usedBytes, await stage.server.usedBytes());
    seen.unreadBytes = Math.max(seen.unreadBytes, (await stage.server.state()).bufferedBytes);
  }
  return seen;
}

/** Sends a POST and resolves with the status of its answer, which goes on. */
async function begin(sessionId: string, body: string): Promise<{ status: number; over: Promise<unknown> }> {
  const outgoing = request(stage.server.url, {
    method: "POST",
    agent: false,
    headers: { ...HEADERS, "mcp-session-id": sessionId, "content-length": Buffer.byteLength(body) },
  });
  outgoing.end(body);
  const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, over: once(answer.resume(), "close") };
}

describe("G7: memory is bounded, whatever one client sends", { timeout: 60_000 }, () => {
  // Parsed, an empty object takes twenty times the memory that it takes as text.
  it.each([
    ["objects", 12, `[${"{},".repeat((MAX_BODY_BYTES - 1_000) / 3)}{}]`],
    ["characters", 120, `"${"x".repeat(MAX_BODY_BYTES - 1_000)}"`],
  ])("calls in flight whose bodies are full of %s", async (what, count, bomb) => {
    const session = await stage.open();
    const before = await stage.server.usedBytes();
    const begun: Awaited<ReturnType<typeof begin>>[] = [];
    // One after the other, so that what is measured is what is in flight, and not what is on its way.
    for (let n = 0; n < count; n += 1) {
      const params = `{"name":"test_sampling","arguments":{"prompt":"x"},"_meta":{"x":${bomb}}}`;
      begun.push(await begin(session.id, rpc("tools/call", params, String(n + 100))));
    }
    const grown = (await stage.server.usedBytes()) - before;
    const { calls } = await stage.server.state();
    console.log(`${what}: ${calls} calls in flight hold ${(grown / MiB).toFixed(0)} MiB`);
    expect(grown).toBeLessThan(192 * MiB);
    for (const { status, over } of begun) {
      expect([200, 400, 413, 429]).toContain(status);
      await over;
    }
  });

  it("large answers to requests that were sent ahead, and that nobody reads", async () => {
    const session = await stage.open();
    const named = { "Mcp-Session-Id": session.id, Connection: "keep-alive" };
    const before = await stage.server.usedBytes();
    const sockets = Array.from({ length: 4 }, (_, k) => {
      const socket = connect(stage.server.port, "127.0.0.1").on("error", () => {});
      // Behind a stream that does not end, no answer gets its turn.
      socket.write(httpBytes(bare("GET", named)));
      for (let n = 0; n < 100; n += 1) {
        socket.write(httpBytes(post(toolCall("test_large", '{"length":400000}', `"${k}-${n}"`), named)));
      }
      return socket;
    });
    const { usedBytes, unreadBytes } = await watch();
    for (const socket of sockets) socket.destroy();
    const held = `${(unreadBytes / MiB).toFixed(1)} MiB unread, ${((usedBytes - before) / MiB).toFixed(1)} MiB held`;
    console.log(held);
    expect(unreadBytes, held).toBeLessThan(8 * MiB);
    expect(usedBytes - before, held).toBeLessThan(32 * MiB);
    expect((await stage.server.abandonAll()).faults).toEqual([]);
  });

  it("large answers that nobody reads, of a session that has ended", async () => {
    const session = await stage.open();
    const before = await stage.server.usedBytes();
    const named = { "Mcp-Session-Id": session.id, Connection: "keep-alive" };
    const said = JSON.stringify({ said: "x".repeat(MAX_BODY_BYTES - 1_000) });
    const sockets = Array.from({ length: 4 }, (_, k) => {
      const socket = connect(stage.server.port, "127.0.0.1").on("error", () => {});
      // The operating system takes the first ones.
      for (let n = 0; n < 6; n += 1) {
        socket.write(httpBytes(post(toolCall("test_echo", said, `"${k}-${n}"`), named)));
      }
      return socket;
    });
    await waitFor("unread answers", async () => {
      const { calls, bufferedBytes } = await stage.server.state();
      return calls === 0 && bufferedBytes > 8 * MiB;
    });
    expect(await stage.remove(session.id)).toBe(200);
    // Nobody can resume them, so nothing is lost with their connections.
    const noSockets = async () => (await stage.server.state()).sockets === 0;
    await waitFor("the end of the connections", noSockets, 20_000);
    const grown = (await stage.server.usedBytes()) - before;
    for (const socket of sockets) socket.destroy();
    expect(grown).toBeLessThan(4 * MiB);
  });
});
