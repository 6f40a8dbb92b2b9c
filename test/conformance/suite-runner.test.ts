import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { temporaryDirectory } from "../support/store-table.js";
import { runSuite } from "./suite-runner.js";
import { complaintsAbout } from "./verdict.js";

it("sees a server that is at fault, and says which check failed and why", { timeout: 60_000 }, async () => {
  const directory = await temporaryDirectory();
  onTestFinished(directory.remove);
  const server = createServer((_, response) => response.writeHead(500).end()).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");

  const { port } = server.address() as AddressInfo;
  const run = await runSuite(`http://127.0.0.1:${port}/mcp`, "2025-03-26", directory.path);
  expect(run).toMatchObject({ exitCode: 1, results: { scenarios: 1, passed: 0, failed: 1 } });
  expect(complaintsAbout(run, { passed: 3, orMore: true })).toContain(
    "FAILURE server-session-lifecycle / server-session-lifecycle-error: " +
      "initialize failed with HTTP 500; cannot exercise session lifecycle",
  );
});
