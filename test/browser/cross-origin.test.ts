import { join } from "node:path";
import { createSqliteStore } from "@durable-mcp/store-sqlite";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { BINDINGS } from "../support/binding-table.js";
import { CuttingProxy } from "../support/cutting-proxy.js";
import { EverythingProcess } from "../support/everything-process.js";
import { RawClient } from "../support/raw-client.js";
import { rawRequest } from "../support/raw-http.js";
import { SDKS, type SdkName } from "../support/sdk-table.js";
import { STORES, temporaryDirectory } from "../support/store-table.js";
import { waitFor } from "../support/wait-for.js";
import { launchChromium } from "./launch-chromium.js";
import { NetworkLog } from "./network-log.js";
import type {} from "./page.js"; // window.mcp
import { bundlePage, PageServer } from "./page-server.js";

/** Every binding, and over them every store with the server objects of every SDK. */
const SERVERS = BINDINGS.map((binding, index) => ({
  binding,
  sdk: SDKS[index % 2] ?? "v1",
  store: STORES[index < 2 ? 0 : 1] ?? expect.unreachable("two stores"),
}));
const STEPS = 60;
const SLOW = { ms: 1_200, steps: STEPS };
const INITIALIZE = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "raw", version: "1.0.0" } },
};

let browser: Browser;
/** One for all: every case visits it anew. */
let page: Page;
let lastLog: NetworkLog | undefined;
/** The page's address, for one of its two origins; the servers allow `home` or none. */
let home: PageServer;
let elsewhere: PageServer;

beforeAll(async () => {
  const script = await bundlePage();
  [browser, home, elsewhere] = await Promise.all([
    launchChromium(),
    PageServer.start(script),
    PageServer.start(script),
  ]);
  page = await browser.newPage();
}, 30_000);
afterAll(async () => {
  await browser?.close();
  await home?.stop();
  await elsewhere?.stop();
});

/** Visits the page. Returns: the log of what it asks of `url` from now on */
async function visit({ origin }: PageServer, url: string): Promise<NetworkLog> {
  await lastLog?.stop();
  await page.goto(origin);
  lastLog = await NetworkLog.start(page, url);
  return lastLog;
}

/** Has the page connect. Returns: the session's id, as the page reads it */
async function connect(client: SdkName, url: string): Promise<string> {
  const connected = await page.evaluate(([sdk, at]) => window.mcp.connect(sdk, at), [client, url] as const);
  expect(connected).toEqual({ ok: true, value: expect.stringMatching(/^[\x21-\x7e]{16,}$/) });
  return connected.ok ? String(connected.value) : expect.unreachable();
}

describe.each(SERVERS)("$binding, SDK $sdk, $store.kind store", { timeout: 20_000 }, (server) => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let everything: EverythingProcess;
  let closed: EverythingProcess;
  let closedFile: string;
  let proxy: CuttingProxy;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    closedFile = join(directory.path, "closed.db");
    const { binding, sdk } = server;
    const store = server.store.nameIn(directory.path);
    [everything, closed] = await Promise.all([
      EverythingProcess.start({ store, binding, sdk, args: ["--allow-origin", home.origin] }),
      EverythingProcess.start({ store: `sqlite:${closedFile}`, binding, sdk }),
    ]);
  }, 20_000);
  beforeEach(async () => {
    // A port of its own for each case: browsers remember, by address, what a preflight has allowed.
    proxy = await CuttingProxy.start(everything.port);
  });
  afterEach(() => proxy?.stop());
  afterAll(async () => {
    await everything?.kill();
    await closed?.kill();
    await directory?.remove();
  });

  test.each(SDKS)(
    "G1: client %s in an allowed page connects, calls, is cut off and resumes",
    async (client) => {
      const log = await visit(home, proxy.url);
      const sessionId = await connect(client, proxy.url);
      expect(await page.evaluate(() => window.mcp.call("test_simple_text"))).toMatchObject({
        ok: true,
        value: { content: [{ text: "This is a simple text response for testing." }] },
      });

      const progress = () => page.evaluate(() => window.mcp.progress());
      const calling = page.evaluate((slow) => window.mcp.call("test_slow", slow), SLOW);
      calling.catch(() => {}); // awaited below, unless a case fails before that and leaves the page
      for (const cuts of [1, 2]) {
        const before = (await progress()).length;
        await waitFor("more progress", async () => (await progress()).length > before);
        proxy.cut();
        await waitFor("the resume", () => log.resumes.length === cuts);
      }
      expect(await calling).toMatchObject({ ok: true, value: { content: [{ text: "slow done" }] } });
      expect(await progress()).toEqual(Array.from({ length: STEPS }, (_, index) => index + 1));

      expect(await page.evaluate(() => window.mcp.terminate())).toMatchObject({ ok: true });
      const headers = { "mcp-session-id": sessionId };
      expect(await rawRequest(everything.url, { method: "DELETE", headers })).toMatchObject({ status: 404 });
      await waitFor("the browser's DELETE", () =>
        log.requests.some(({ method, status }) => method === "DELETE" && status === 200),
      );
      checkCors(log);
    },
  );

  test.each(SDKS)("client %s in an allowed page reads why a call or a session failed", async (client) => {
    await visit(home, proxy.url);
    const sessionId = await connect(client, proxy.url);
    expect(await page.evaluate(() => window.mcp.call("test_error_handling"))).toMatchObject({
      ok: true,
      value: { isError: true, content: [{ text: "This tool intentionally returns an error for testing" }] },
    });
    const headers = { "mcp-session-id": sessionId };
    expect(await rawRequest(everything.url, { method: "DELETE", headers })).toMatchObject({ status: 200 });
    expect(await page.evaluate(() => window.mcp.call("test_simple_text"))).toEqual({
      ok: false,
      status: 404,
      message: expect.stringContaining("-32001"),
    });
  });

  test("a page of another origin than the one allowed is kept out", () => isKeptOut(elsewhere, proxy.url));

  test("by default every page is kept out, and no session is opened", async () => {
    const { sessionId } = await isKeptOut(home, closed.url);
    await closed.kill();
    const store = createSqliteStore({ file: closedFile });
    const { sessions } = await store.sessions.list("", { limit: 10 });
    await store.close();
    expect(sessions.map(({ id }) => id)).toEqual([sessionId]);
  });
});

/** The browser asked before what it must ask, and every answer, of whatever kind, let the page read it and no more. */
function checkCors(log: NetworkLog): void {
  const asked = log.preflights.map(({ headers }) => headers["access-control-request-headers"]?.split(","));
  for (const name of ["content-type", "mcp-session-id", "mcp-protocol-version", "last-event-id"])
    expect(asked.flat(), "asked for in preflights").toContain(name);
  for (const { method, status, answerHeaders, corsError } of log.requests) {
    expect(corsError).toBeUndefined();
    if (status === undefined) continue;
    expect(answerHeaders, `${method} ${status}`).toMatchObject({
      "access-control-allow-origin": home.origin,
      vary: expect.stringMatching(/\borigin\b/i),
    });
    expect(answerHeaders).not.toHaveProperty("access-control-allow-credentials");
  }
}

/** Returns: the one client that was let in: it came without an origin, and opened a session for others to try */
async function isKeptOut(from: PageServer, url: string): Promise<RawClient> {
  const log = await visit(from, url);
  for (const client of SDKS) {
    expect(await page.evaluate(([sdk, at]) => window.mcp.connect(sdk, at), [client, url] as const)).toEqual({
      ok: false,
      status: undefined,
      message: expect.stringContaining("Failed to fetch"),
    });
  }
  expect(
    await page.evaluate(([at, body]) => window.mcp.postWithoutPreflight(at, body), [
      url,
      JSON.stringify(INITIALIZE),
    ] as const),
  ).toEqual({ ok: false, status: undefined, message: "TypeError: Failed to fetch" });
  await waitFor("reasons and answers", () => {
    const known = (key: "corsError" | "status") =>
      log.requests.filter((request) => request[key] !== undefined);
    return known("corsError").length === 3 && known("status").length === 3;
  });
  expect(log.requests.flatMap(({ corsError }) => corsError ?? [])).toEqual([
    "PreflightMissingAllowOriginHeader",
    "PreflightMissingAllowOriginHeader",
    "MissingAllowOriginHeader",
  ]);
  const answers = log.requests.flatMap(({ sent, method, status, answerHeaders }) =>
    sent ? [[method, status, accessControlHeaders(Object.keys(answerHeaders))]] : [],
  );
  expect(answers).toEqual([
    ["OPTIONS", 403, []],
    ["OPTIONS", 403, []],
    ["POST", 403, []],
  ]);

  // What a browser would not even send.
  const insider = await RawClient.open(url);
  const origin = { origin: from.origin };
  for (const request of [
    { method: "OPTIONS", headers: { ...origin, "access-control-request-method": "POST" } },
    { method: "POST", headers: origin, body: INITIALIZE },
    { method: "GET", headers: { ...insider.headers, ...origin } },
    { method: "DELETE", headers: { ...insider.headers, ...origin } },
  ]) {
    const { status, headers } = await rawRequest(url, request);
    const names = headers.map(([name]) => name);
    expect([request.method, status, accessControlHeaders(names)]).toEqual([request.method, 403, []]);
  }
  return insider;
}

function accessControlHeaders(names: readonly string[]): string[] {
  return names.filter((name) => name.toLowerCase().startsWith("access-control-"));
}
