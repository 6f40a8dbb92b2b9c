import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Store } from "@durable-mcp/contract";
import { testStore } from "@durable-mcp/contract-tests";
import { expect, it, onTestFinished } from "vitest";
import { createJsonlStore } from "../src/index.js";

const tempDir = () => mkdtempSync(join(tmpdir(), "store-jsonl-"));

testStore("jsonl", {
  capabilities: { durable: true, shared: false },
  create: async ({ retention = {} }) => {
    const dir = tempDir();
    let nowMs = Date.now();
    return {
      open: () => createJsonlStore({ file: join(dir, "store.jsonl"), retention, now: () => nowMs }),
      advance: async (ms) => {
        nowMs += ms;
      },
      destroy: async () => rmSync(dir, { recursive: true }),
    };
  },
});

/** What the suite cannot see: a process of its own that appends, three events at a time, and says what was acknowledged. */
const APPENDER = `
  import { writeSync } from "node:fs";
  import { createJsonlStore } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)};
  const store = await createJsonlStore({ file: process.argv[1] });
  const bounds = { ttlMs: 600_000, maxPerPrincipal: 1, maxTotal: 1 };
  await store.sessions.create({ id: "s", principal: "", nodeId: "n", shape: {}, state: {} }, bounds);
  const key = { sessionId: "s", streamId: "g" };
  for (let next = ((await store.log.head(key))?.last ?? 0) + 1; ; next += 3) {
    const events = [next, next + 1, next + 2].map((offset) => ({ kind: "message", payload: offset + "é".repeat(offset % 50) }));
    const { last } = await store.log.append(key, events, { fence: 1 });
    writeSync(1, last + "\\n");
  }`;
const KEY = { sessionId: "s", streamId: "g" };
const ALL = { events: 1_000_000, bytes: 1_000_000_000 };

function tempFile(): string {
  const dir = tempDir();
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return join(dir, "store.jsonl");
}

function startAppender(file: string) {
  const args = ["--input-type=module", "-e", APPENDER, file];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const kill = async () => {
    child.kill("SIGKILL");
    await gone;
  };
  onTestFinished(kill);
  return { kill, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

async function opened(file: string): Promise<Store> {
  const store = await createJsonlStore({ file });
  onTestFinished(() => store.close());
  return store;
}

async function withEvents(file: string, ...payloads: string[]): Promise<void> {
  const store = await createJsonlStore({ file });
  const session = { id: "s", principal: "", nodeId: "n", shape: {}, state: {} };
  await store.sessions.create(session, { ttlMs: 600_000, maxPerPrincipal: 1, maxTotal: 1 });
  for (const payload of payloads) await store.log.append(KEY, [{ kind: "message", payload }]);
  await store.close();
}

async function payloads(store: Store): Promise<string[]> {
  const result = await store.log.read(KEY, 0, ALL);
  return result.outcome === "page" ? result.events.map(({ payload }) => payload) : [];
}

it("G1 G4 kill -9 loses nothing that was acknowledged, and leaves no append in half", async () => {
  const file = tempFile();
  let acknowledged = 0;
  for (const lines of [1, 7, 200, 1_500, 40]) {
    const child = startAppender(file);
    for (let line = 0; line < lines; line += 1) acknowledged = Number((await child.lines.next()).value);
    await child.kill();
    for await (const line of { [Symbol.asyncIterator]: () => child.lines }) acknowledged = Number(line);
    const store = await createJsonlStore({ file });
    const kept = await payloads(store);
    expect(kept.length).toBeGreaterThanOrEqual(acknowledged);
    expect(kept.length % 3).toBe(0);
    expect(kept.every((payload, index) => payload.startsWith(String(index + 1)))).toBe(true);
    await store.close();
  }
});

it("G1 G4 a line that a crash has torn anywhere was never written", async () => {
  const file = tempFile();
  await withEvents(file, "a", "é");
  const whole = readFileSync(file);
  const start = whole.lastIndexOf("\n", whole.length - 2) + 1;
  for (let end = start; end < whole.length; end += 7) {
    writeFileSync(file, whole.subarray(0, end));
    await withEvents(file, "b");
    const store = await createJsonlStore({ file });
    expect(await payloads(store), `cut at ${end - start}`).toEqual(["a", "b"]);
    await store.close();
  }
});

it("a damaged line is STORE_CORRUPT, and the file stays as it is", async () => {
  const file = tempFile();
  await withEvents(file, "a");
  appendFileSync(file, '{"atMs":1,"call":"valueOf","args":["s"]}\n');
  const before = readFileSync(file, "utf8");
  await expect(createJsonlStore({ file })).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  expect(readFileSync(file, "utf8")).toBe(before);
  writeFileSync(file, "something else\n");
  await expect(createJsonlStore({ file })).rejects.toMatchObject({ code: "STORE_CORRUPT" });
});

it("a file has one store at a time, in this process or another; one that was killed holds nothing", async () => {
  const file = tempFile();
  const child = startAppender(file);
  await child.lines.next();
  await expect(createJsonlStore({ file })).rejects.toMatchObject({ code: "STORE_LOCKED", retryable: true });
  await child.kill();
  const store = await opened(file);
  await expect(createJsonlStore({ file })).rejects.toMatchObject({ code: "STORE_LOCKED" });
  await store.close();
  await opened(file);
});

it("G7 opening leaves out the sessions that are gone", async () => {
  const file = tempFile();
  const store = await createJsonlStore({ file });
  const fresh = statSync(file).size;
  const session = { id: "s", principal: "", nodeId: "n", shape: {}, state: {} };
  for (let round = 0; round < 10; round += 1) {
    await store.sessions.create(session, { ttlMs: 600_000, maxPerPrincipal: 1, maxTotal: 1 });
    await store.log.append(KEY, [{ kind: "message", payload: "x".repeat(1_000) }]);
    await store.sessions.terminate("s");
  }
  await store.close();
  expect(statSync(file).size).toBeGreaterThan(10_000);
  await opened(file);
  expect(statSync(file).size).toBe(fresh);
});

it("wrong options are TypeErrors that name them", async () => {
  const file = tempFile();
  await withEvents(file);
  const wrong = (options: object) => expect(createJsonlStore({ file, ...options })).rejects;
  await wrong({ retention: { maxEvents: 5 } }).toThrow(/options.retention: .* was made with another/);
  await wrong({ retention: { maxEvents: 0 } }).toThrow(/options.retention.maxEvents: expected an integer/);
  await wrong({ fsnc: true }).toThrow(/options.fsnc: unknown option/);
  await wrong({ file: "" }).toThrow(/options.file: expected a path/);
  await (await createJsonlStore({ file, fsync: true })).close();
});
