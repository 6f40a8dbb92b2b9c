import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { SessionRecord } from "@durable-mcp/contract";
import { createSqliteStore } from "@durable-mcp/store-sqlite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RawAnswer, rawRequest } from "../support/raw-http.js";
import { RawSession } from "../support/raw-session.js";
import { temporaryDirectory } from "../support/store-table.js";
import { waitFor } from "../support/wait-for.js";
import { ExampleProcess } from "./example-process.js";

const DEADLINE_MS = 10_000;

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: ExampleProcess;

beforeAll(async () => {
  directory = await temporaryDirectory();
  server = await ExampleProcess.start("session-router", directory.path);
});
afterAll(async () => {
  await server.kill();
  await directory.remove();
});

type User = "alice" | "bob";

const asUser = (user: User) => ({ authorization: `Bearer ${user}-token` });

/** Opens a session of that user, in a chat if it has an id. */
async function open(
  user: User,
  { chat, query = "" }: { readonly chat?: string; readonly query?: string } = {},
): Promise<RawSession> {
  const headers = { ...asUser(user), ...(chat === undefined ? {} : { "x-chat-id": chat }) };
  const session = await RawSession.open(`${server.url}${query}`, { headers });
  opened.push(session);
  return session;
}

/** What a test has opened ends with it. */
const opened: RawSession[] = [];
afterEach(async () => {
  for (const session of opened.splice(0)) {
    session.cut();
    await session.request("DELETE");
  }
});

/** The answer to a request for a session with that query. */
function tryToOpen(user: User, query: string): Promise<RawAnswer> {
  const params = {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "raw", version: "1" },
  };
  const body = { jsonrpc: "2.0", id: 0, method: "initialize", params };
  const headers = { ...asUser(user), "x-chat-id": "refused" };
  return rawRequest(`${server.url}${query}`, { method: "POST", headers, body });
}

async function chatsOf(user: User): Promise<Record<string, string>> {
  const answer = await rawRequest(`${server.url}/sessions`, { method: "GET", headers: asUser(user) });
  expect(answer.status).toBe(200);
  return JSON.parse(answer.body);
}

async function toolsOf(session: RawSession): Promise<string[]> {
  const { result } = await session.start("tools/list").followToResponse(DEADLINE_MS);
  return result.tools.map(({ name }: { name: string }) => name).sort();
}

/** What a call of a tool says when it fails. */
async function failureOf(session: RawSession, name: string, args = {}): Promise<string> {
  const { result, error } = await session.call(name, args).followToResponse(DEADLINE_MS);
  expect(error !== undefined || result.isError).toBe(true);
  return error?.message ?? result.content[0].text;
}

const VERBS = [
  { method: "POST", body: { jsonrpc: "2.0", id: 1, method: "ping" } },
  { method: "GET" },
  { method: "DELETE" },
] as const;

describe.each(VERBS)("$method of", (verb) => {
  const answerTo = async (headers: Record<string, string>) => {
    const { status, body } = await rawRequest(server.url, {
      ...verb,
      headers: { ...asUser("alice"), ...headers },
    });
    return `${status} ${JSON.parse(body).error.code}`;
  };

  it("a missing session id is answered with 400", async () => {
    expect(await answerTo({})).toBe("400 -32000");
  });

  it("an unknown session, one that has ended, and somebody else's are answered with 404", async () => {
    const ended = await open("alice", { chat: "ended" });
    expect((await ended.request("DELETE")).status).toBe(200);
    const bobs = await open("bob", { chat: "of bob" });
    for (const id of ["unknown", ended.id, bobs.id]) {
      expect(await answerTo({ "mcp-session-id": id })).toBe("404 -32001");
    }
    // Nothing has happened to it.
    expect(await toolsOf(bobs)).toContain("count");
  });

  it.each([
    { what: "no token", authorization: undefined },
    { what: "an unknown token", authorization: "Bearer mallory-token" },
    {
      what: "the hash of a token",
      authorization: `Bearer ${createHash("sha256").update("alice-token").digest("hex")}`,
    },
    { what: "no bearer", authorization: "Basic alice-token" },
  ])("$what is answered with 401", async ({ authorization }) => {
    const session = await open("alice");
    const headers = { "mcp-session-id": session.id, ...(authorization ? { authorization } : {}) };
    for (const url of [server.url, `${server.url}/sessions`]) {
      const answer = await rawRequest(url, { ...verb, headers });
      expect(answer.status).toBe(401);
      expect(JSON.parse(answer.body)).toMatchObject({ error: "invalid_token" });
      const names = new Map(answer.headers.map(([name, value]) => [name.toLowerCase(), value]));
      expect(names.get("www-authenticate")).toMatch(/^Bearer error="invalid_token"/);
    }
  });
});

it("another verb is answered with 405", async () => {
  const answer = await rawRequest(server.url, { method: "PUT", headers: asUser("alice") });
  expect(answer.status).toBe(405);
  expect(Object.fromEntries(answer.headers)).toMatchObject({ allow: "GET, POST, DELETE" });
});

describe("GET /mcp/sessions", () => {
  it("G9 names the caller's own chats, also where somebody else's has the same id", async () => {
    const alices = await open("alice", { chat: "same" });
    const bobs = await open("bob", { chat: "same" });
    await open("bob", { chat: "of bob" });
    expect(await chatsOf("alice")).toEqual({ same: alices.id });
    expect(Object.keys(await chatsOf("bob")).sort()).toEqual(["of bob", "same"]);
    expect((await chatsOf("bob")).same).toBe(bobs.id);
  });

  it("does not list sessions without a chat id", async () => {
    await open("alice");
    await open("alice", { chat: "" });
    expect(await chatsOf("alice")).toEqual({});
  });

  it("names the newest session of a chat, and only sessions that live", async () => {
    const first = await open("alice", { chat: "one" });
    const other = await open("alice", { chat: "other" });
    const second = await open("alice", { chat: "one" });
    expect(await chatsOf("alice")).toEqual({ one: second.id, other: other.id });
    await second.request("DELETE");
    expect(await chatsOf("alice")).toEqual({ one: first.id, other: other.id });
    await first.request("DELETE");
    expect(await chatsOf("alice")).toEqual({ other: other.id });
  });

  it.each(["__proto__", "constructor", "a/b?c=d", "17"])("takes the chat id %s as it is", async (chat) => {
    const session = await open("alice", { chat });
    expect(Object.entries(await chatsOf("alice"))).toEqual([[chat, session.id]]);
  });

  it("lists many", { timeout: 30_000 }, async () => {
    const chats = Array.from({ length: 120 }, (_, index) => `chat ${index}`);
    const sessions = await Promise.all(chats.map((chat) => open("alice", { chat })));
    const expected = Object.fromEntries(chats.map((chat, index) => [chat, sessions[index]?.id]));
    expect(await chatsOf("alice")).toEqual(expected);
  });
});

describe("the query", () => {
  const ALL = ["count", "now", "roll"];

  it.each([
    { query: "", tools: ALL },
    { query: "?apps=clock", tools: ["now"] },
    { query: "?apps=clock,dice", tools: ["now", "roll"] },
    { query: "?apps=clock,clock", tools: ["now"] },
    { query: "?mode=static", tools: ALL },
    { query: "?apps=counter&mode=static", tools: ["count"] },
    { query: "?mode=dynamic", tools: ["enable-tools"] },
    { query: "?apps=clock&mode=dynamic&other=1", tools: ["enable-tools"] },
  ])("$query opens a session with $tools", async ({ query, tools }) => {
    expect(await toolsOf(await open("alice", { query }))).toEqual(tools);
  });

  it.each([
    { query: "?apps=clock,weather", why: 'Unknown app "weather"; there are clock, counter, dice' },
    { query: "?apps=a,clock,b", why: 'Unknown app "a", "b"; there are clock, counter, dice' },
    { query: "?apps=", why: 'Unknown app ""; there are clock, counter, dice' },
    { query: "?apps=constructor", why: 'Unknown app "constructor"; there are clock, counter, dice' },
    { query: "?apps=clock&apps=dice", why: "Name all apps in one `apps`, with commas between" },
    { query: "?mode=nonsense", why: 'Unknown mode "nonsense"; there are static, dynamic' },
    { query: "?mode=static&mode=dynamic", why: 'Unknown mode "static,dynamic"; there are static, dynamic' },
  ])("$query is refused with a 400 that says why, and opens nothing", async ({ query, why }) => {
    const { status, headers, body } = await tryToOpen("alice", query);
    expect(status).toBe(400);
    expect(JSON.parse(body)).toEqual({ jsonrpc: "2.0", error: { code: -32602, message: why }, id: null });
    expect(headers.map(([name]) => name.toLowerCase())).not.toContain("mcp-session-id");
    expect(await chatsOf("alice")).toEqual({});
  });

  it("names only apps that the user may have", async () => {
    expect(await toolsOf(await open("bob"))).toEqual(["count", "now"]);
    const { status, body } = await tryToOpen("bob", "?apps=clock,dice");
    expect([status, JSON.parse(body).error.message]).toEqual([
      400,
      'Unknown app "dice"; there are clock, counter',
    ]);
  });

  it("does not matter once the session is open", async () => {
    const session = await open("alice", { query: "?apps=clock" });
    const headers = { ...asUser("alice"), "mcp-session-id": session.id };
    const body = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "now" } };
    const answer = await rawRequest(`${server.url}?apps=weather`, { method: "POST", headers, body });
    expect(answer.status).toBe(200);
    expect(answer.body).toContain(new Date().toISOString().slice(0, 4));
  });
});

describe("mode=dynamic", () => {
  let session: RawSession;
  beforeEach(async () => {
    session = await open("alice", { query: "?mode=dynamic", chat: "dynamic" });
  });

  it("has no tool before it is enabled, then announces it, to this session only", async () => {
    const other = await open("alice", { query: "?mode=dynamic" });
    for (const each of [session, other]) each.notifications.resume(undefined);
    expect(await failureOf(session, "roll")).toContain("roll");

    expect(await session.text("enable-tools", { tools: ["roll", "now"] })).toBe("Enabled: now, roll");
    await waitFor("tools/list_changed", () => session.notifications.messages.length > 0, DEADLINE_MS);
    expect(session.notifications.messages.map(({ method }) => method)).toEqual([
      "notifications/tools/list_changed",
    ]);
    expect(await toolsOf(session)).toEqual(["enable-tools", "now", "roll"]);
    expect(await session.text("roll")).toMatch(/^[1-6]$/);

    expect(await toolsOf(other)).toEqual(["enable-tools"]);
    expect(other.notifications.messages).toEqual([]);
  });

  it("adds to what is enabled, and says which tools there are", async () => {
    await session.text("enable-tools", { tools: ["roll"] });
    expect(await session.text("enable-tools", { tools: ["now"] })).toBe("Enabled: now, roll");
    expect(await failureOf(session, "enable-tools", { tools: ["now", "weather"] })).toContain(
      'expected one of "now"|"count"|"roll" at tools[1]',
    );
    expect(await failureOf(session, "enable-tools", { tools: [] })).toContain("tools");
    expect(await toolsOf(session)).toEqual(["enable-tools", "now", "roll"]);
    const { result } = await session.start("tools/list").followToResponse(DEADLINE_MS);
    const { items } = result.tools.find(({ name }: { name: string }) => name === "enable-tools").inputSchema
      .properties.tools;
    expect(items.enum).toEqual(["now", "count", "roll"]);
  });

  it("enables only tools of the session's apps", async () => {
    const clock = await open("alice", { query: "?mode=dynamic&apps=clock" });
    expect(await failureOf(clock, "enable-tools", { tools: ["roll"] })).toContain('expected "now"');
    expect(await clock.text("enable-tools", { tools: ["now"] })).toBe("Enabled: now");
  });
});

it.each(["SIGKILL", "SIGTERM"] as const)(
  "G4 sessions, their apps, their tools and the chats are the same after %s",
  { timeout: 30_000 },
  async (signal) => {
    const clock = await open("alice", { query: "?apps=clock", chat: "clock" });
    const older = await open("alice", { query: "?mode=dynamic", chat: "dynamic" });
    const dynamic = await open("alice", { query: "?mode=dynamic", chat: "dynamic" });
    const bobs = await open("bob", { chat: "clock" });
    const ended = await open("bob", { chat: "ended" });
    await ended.request("DELETE");
    await dynamic.text("enable-tools", { tools: ["roll"] });
    const chats = { clock: clock.id, dynamic: dynamic.id };
    expect(await chatsOf("alice")).toEqual(chats);

    await server.end(signal);
    await server.restart();

    // Before anybody has asked for one of the sessions.
    expect(await chatsOf("alice")).toEqual(chats);
    expect(await chatsOf("bob")).toEqual({ clock: bobs.id });
    expect(await toolsOf(clock)).toEqual(["now"]);
    expect(await toolsOf(dynamic)).toEqual(["enable-tools", "roll"]);
    expect(await toolsOf(older)).toEqual(["enable-tools"]);
    expect(await dynamic.text("roll")).toMatch(/^[1-6]$/);
    expect(await dynamic.text("enable-tools", { tools: ["now"] })).toBe("Enabled: now, roll");
    expect(await chatsOf("alice")).toEqual(chats);
    await dynamic.request("DELETE");
    expect(await chatsOf("alice")).toEqual({ clock: clock.id, dynamic: older.id });
    expect(server.errors).toBe("");
  },
);

it("a restored session goes without an app that is not to be had any more", async () => {
  const session = await open("alice", { query: "?apps=clock,dice" });
  await server.end("SIGTERM");
  // As if the app had gone from the program: the session was opened with one that is unknown now.
  const store = createSqliteStore({ file: server.file });
  const { fence, shape } = (await store.sessions.get(session.id)) as SessionRecord;
  expect(shape.query).toEqual({ apps: "clock,dice" });
  await store.sessions.update(session.id, { fence }, { shape: { ...shape, query: { apps: "clock,gone" } } });
  await store.close();
  await server.restart();
  expect(await toolsOf(session)).toEqual(["now"]);
});

it.skipIf(spawnSync("curl", ["--version"]).error)("the README's curl lines do what it says", async () => {
  const readme = readFileSync(new URL("../../examples/session-router/README.md", import.meta.url), "utf8");
  const lines = /```sh\n(mcp=.*?)```/s.exec(readme)?.[1];
  if (!lines?.includes("http://127.0.0.1:3000/mcp"))
    throw new Error("The README's curl lines were not found.");
  const { stdout, stderr, status } = spawnSync("sh", ["-e"], {
    input: lines.replace("http://127.0.0.1:3000/mcp", server.url),
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
  const [opened, chats, enabled, rolled] = stdout.split("\n").filter((line) => /^(data: )?\{/.test(line));
  expect(opened).toContain('"serverInfo":{"name":"session-router"');
  expect(chats).toMatch(/^\{"monday":"[\w-]+"\}/);
  expect(enabled).toContain("Enabled: roll");
  expect(rolled).toMatch(/"text":"[1-6]"/);
  expect(await chatsOf("alice")).toEqual({});
});
