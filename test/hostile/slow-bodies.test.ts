import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { waitFor } from "../support/wait-for.js";
import { httpBytes } from "./http-bytes.js";
import { post } from "./row.js";
import { HTTP_LIMITS, ServerProcess } from "./server-process.js";

const KiB = 1024;
const SOCKETS = 300;
/** Each announces as much as a body may have, and sends this much of it. */
const ANNOUNCED_BYTES = 4 * KiB * KiB;
const SENT_BYTES = KiB;

let server: ServerProcess | undefined;
afterEach(() => server?.stop());

async function holdOpen(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  await once(socket, "connect");
  const changes = { "Mcp-Session-Id": undefined, "Content-Length": String(ANNOUNCED_BYTES) };
  socket.write(httpBytes(post(" ".repeat(SENT_BYTES), changes, { framing: "none" })));
  return socket;
}

it(`G7: ${SOCKETS} bodies that are announced and not sent cost little, and are given up`, {
  timeout: 60_000,
}, async () => {
  server = await ServerProcess.start("memory");
  const { port } = server;
  const warm = await Promise.all(Array.from({ length: 20 }, () => holdOpen(port)));
  for (const socket of warm) socket.destroy();
  const before = await server.abandonAll().then(() => server?.usedBytes());

  const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => holdOpen(port)));
  await waitFor("all to be heard", async () => (await server?.state())?.sockets === SOCKETS);
  const held = (await server.usedBytes()) - (before ?? 0);
  expect(await server.state()).toMatchObject({ sessions: 0, calls: 0, connections: 0, bufferedBytes: 0 });

  // Nothing but the HTTP server's own limit ends them.
  const limitMs = HTTP_LIMITS.requestTimeout + 10 * HTTP_LIMITS.connectionsCheckingInterval;
  await waitFor("the end of all sockets", async () => (await server?.state())?.sockets === 0, limitMs);
  const left = (await server.usedBytes()) - (before ?? 0);
  for (const socket of sockets) socket.destroy();
  console.log(
    `${(held / SOCKETS / KiB).toFixed(1)} KiB held for each, ${(left / KiB).toFixed(0)} KiB left of all`,
  );
  expect(held / SOCKETS).toBeLessThan(64 * KiB);
  expect(left).toBeLessThan(1.5 * KiB * KiB);
  expect((await server.state()).faults).toEqual([]);
});
