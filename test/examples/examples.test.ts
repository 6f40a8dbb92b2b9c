import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { CuttingProxy } from "../support/cutting-proxy.js";
import { connectOfficialClient, type OfficialClient } from "../support/official-client.js";
import { rawRequest } from "../support/raw-http.js";
import { temporaryDirectory } from "../support/store-table.js";
import { waitFor } from "../support/wait-for.js";
import { ExampleProcess, exitOf } from "./example-process.js";
import { EXAMPLES } from "./example-table.js";

const FOLDER = fileURLToPath(new URL("../../examples", import.meta.url));
/** A client comes back 3 s after it was cut off, where the server says so. */
const DEADLINE_MS = 20_000;

// Most of the time they wait for clients to come back.
vi.setConfig({ maxConcurrency: 10 });

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => {
  directory = await temporaryDirectory();
});
afterAll(() => directory.remove());

const folders = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

it("every example with a program is in the table", () => {
  const programs = folders.filter((name) => existsSync(`${FOLDER}/${name}/server.js`));
  expect(EXAMPLES.map(({ name }) => name)).toEqual(programs);
});

it("the list that readers see has every example, each with a README of its own", () => {
  const list = readFileSync(`${FOLDER}/README.md`, "utf8");
  const listed = [...list.matchAll(/\]\(([\w-]+)\)/g)].map(([, name]) => name);
  expect(listed.sort()).toEqual(folders);
  expect(folders.filter((name) => !existsSync(`${FOLDER}/${name}/README.md`))).toEqual([]);
});

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

/** Counts to `to`. Returns: the numbers that have come so far, and the text in the end */
function count(
  { client }: OfficialClient,
  to: number,
  signal?: AbortSignal,
): { counted: number[]; text: Promise<string> } {
  const counted: number[] = [];
  const onprogress = ({ progress }: { progress: number }) => counted.push(progress);
  const options = { onprogress, ...(signal ? { signal } : {}) };
  const calling = client.callTool({ name: "count", arguments: { to } }, undefined, options);
  const text = calling.then(({ content }) => (content as { text: string }[])[0]?.text ?? "");
  // Whoever waits for it later must not be too late.
  text.catch(() => {});
  return { counted, text };
}

/** Every number that has come, whether the client wanted it or not. */
const numbersIn = ({ received }: OfficialClient) =>
  received.flatMap((message) =>
    "method" in message && message.method === "notifications/progress" ? [message.params?.progress] : [],
  );

/** Whether the client has got its GET stream. */
const listens = ({ requests }: OfficialClient) =>
  requests.some(({ method, lastEventId, status }) => method === "GET" && !lastEventId && status === 200);

describe.concurrent.each(EXAMPLES)("examples/$name", { timeout: 60_000 }, (example) => {
  const { name, headers, answersInterruptedCalls } = example;
  const started = (test: string) => ExampleProcess.start(name, `${directory.path}/${test}`);

  it("says where it listens and nothing else, and has its port and its file to itself", async (test) => {
    const server = await started("alone");
    test.onTestFinished(() => server.kill());
    const official = await connectOfficialClient(server.url, headers);
    const { tools } = await official.client.listTools();
    test.expect(tools.map((tool) => tool.name)).toContain("count");
    const { counted, text } = count(official, 2);
    test.expect(await text).toBe("Counted to 2.");
    test.expect(counted).toEqual([1, 2]);
    test.expect(server.errors).toBe("");

    for (const [other, refusal] of [
      [{ DATA: `${directory.path}/other/${name}.db` }, /EADDRINUSE/],
      [{ PORT: "0" }, /STORE_LOCKED/],
    ] as const) {
      const second = server.spawn(other);
      test.onTestFinished(() => void second.kill("SIGKILL"));
      test.expect(await exitOf(second)).toBe(1);
      test.expect(server.errors).toMatch(refusal);
    }
    test.expect(server.output).toBe(`MCP on ${server.url}\n`);
    await official.client.close();
  });

  it("G1 a call that is cut off is resumed exactly once and in order, a cancelled one stops", async (test) => {
    const server = await started("cut");
    test.onTestFinished(() => server.kill());
    const proxy = await CuttingProxy.start(server.port);
    test.onTestFinished(() => proxy.stop());
    const official = await connectOfficialClient(proxy.url, headers);
    await waitFor("the GET stream", () => listens(official));
    const { counted, text } = count(official, 25);
    for (const after of [3, 20]) {
      await waitFor(`number ${after}`, () => counted.length >= after, DEADLINE_MS);
      proxy.cut();
    }
    test.expect(await text).toBe("Counted to 25.");
    test.expect(counted).toEqual(upTo(25));
    test.expect(numbersIn(official)).toEqual(upTo(25));
    const resumes = official.requests.filter(({ lastEventId, status }) => lastEventId && status === 200);
    test.expect(resumes.length).toBeGreaterThan(1);

    const enough = new AbortController();
    const cancelled = count(official, 1000, enough.signal);
    await waitFor("the first number", () => cancelled.counted.length > 0, DEADLINE_MS);
    enough.abort();
    await test.expect(cancelled.text).rejects.toMatchObject({ code: ErrorCode.RequestTimeout });
    // A tool that went on counting would keep the process from ending.
    test.expect(await server.end("SIGINT")).toBe(0);
    test.expect(server.errors).toBe("");
    await official.client.close();
  });

  it.for([
    { signal: "SIGKILL", ends: "SIGKILL" },
    { signal: "SIGTERM", ends: 0 },
  ] as const)("G4 its sessions go on after $signal", async ({ signal, ends }, test) => {
    const server = await started(signal);
    test.onTestFinished(() => server.kill());
    const official = await connectOfficialClient(server.url, headers);
    const { sessionId } = official.transport;
    await waitFor("the GET stream", () => listens(official));
    const interrupted = count(official, 1000);
    await waitFor("the first number", () => interrupted.counted.length > 0, DEADLINE_MS);

    test.expect(await server.end(signal)).toBe(ends);
    await server.restart();

    if (answersInterruptedCalls) {
      let error: unknown;
      interrupted.text.catch((thrown: unknown) => {
        error = thrown;
      });
      await waitFor("the answer to the call that was interrupted", () => error !== undefined, DEADLINE_MS);
      test.expect(error).toBeInstanceOf(McpError);
      test.expect(error).toMatchObject({ code: -31010, data: { retryable: true } });
      test.expect(numbersIn(official)).toEqual(upTo(interrupted.counted.length));
    }
    test.expect(await count(official, 2).text).toBe("Counted to 2.");
    test.expect(official.transport.sessionId).toBe(sessionId);
    test.expect(official.requests.map(({ status }) => status)).not.toContain(404);
    await official.client.close();

    const ending = { method: "DELETE", headers: { ...headers, "mcp-session-id": `${sessionId}` } };
    test.expect((await rawRequest(server.url, ending)).status).toBe(200);
    test.expect((await rawRequest(server.url, ending)).status).toBe(404);
    test.expect(server.errors).toBe("");
  });
});
