import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterEach, expect, it } from "vitest";
import { freePort } from "../support/free-port.js";

const DEADLINE_MS = 20_000;
const children: ChildProcess[] = [];
// Below test/, so that the example's imports are found.
const folder = mkdtempSync(join(import.meta.dirname, ".example-"));

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** The README's example as it stands, but for the port. */
function exampleOnPort(port: number): string {
  const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
  const code = /```js\n(.*?)```/s.exec(readme)?.[1];
  if (!code?.includes(".listen(3000")) throw new Error("The README's example was not found.");
  return code.replace(".listen(3000", `.listen(${port}`);
}

async function startExample(url: URL): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["example.mjs"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  });
  children.push(child);
  for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline; ) {
    if (child.exitCode !== null) throw new Error(`The example ended with code ${child.exitCode}.`);
    // Any answer will do: it listens.
    if (await fetch(url).catch(() => undefined)) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("The example does not listen.");
}

it("G4 the README's example runs, and its session survives kill -9", { timeout: 60_000 }, async () => {
  const port = await freePort();
  const url = new URL(`http://127.0.0.1:${port}/mcp`);
  writeFileSync(join(folder, "example.mjs"), exampleOnPort(port));
  const first = await startExample(url);

  const transport = new StreamableHTTPClientTransport(url);
  const client = new Client({ name: "readme", version: "1.0.0" });
  await client.connect(transport);
  const hello = { content: [{ type: "text", text: "Hello!" }] };
  expect(await client.callTool({ name: "hello" })).toEqual(hello);
  const { sessionId } = transport;

  first.kill("SIGKILL");
  await once(first, "exit");
  await startExample(url);
  expect(await client.callTool({ name: "hello" })).toEqual(hello);
  expect(transport.sessionId).toBe(sessionId);
  await client.close();
});
