import { Agent, request } from "node:http";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, describe, expect, it } from "vitest";
import { ChildWithOrders } from "../support/child-with-orders.js";
import { temporaryDirectory } from "../support/store-table.js";
import { waitFor } from "../support/wait-for.js";

const MiB = 1024 * 1024;
const IDLE_TTL_MS = 5_000;
/** Requests under way at a time. */
const LANES = 32;

let child: ChildWithOrders | undefined;
let remove: (() => Promise<void>) | undefined;
afterEach(async () => {
  await child?.stop();
  await remove?.();
});

describe("G7: abandoned sessions leave nothing behind", () => {
  it.each([
    ["sqlite", 10_000],
    ["memory", 3_000],
  ])("%s: %i of them", { timeout: 60_000 }, async (kind, count) => {
    const directory = await temporaryDirectory();
    remove = directory.remove;
    const file = join(directory.path, "store.db");
    const script = new URL("./abandoned-sessions-server.mjs", import.meta.url);
    child = new ChildWithOrders(script, [kind === "memory" ? "memory" : file]);
    const { port } = await child.next();

    await openSessions(port, 500);
    await expire(child);
    const before = { ...(await child.ask("stats")), ...(await child.ask("measure")) };

    await openSessions(port, count);
    const full = { ...(await child.ask("stats")), ...(await child.ask("measure")) };
    expect(full).toMatchObject({ sessions: count, timers: before.timers });
    expect(full.calls).toBeGreaterThan(0);

    await expire(child);
    const after = { ...(await child.ask("stats")), ...(await child.ask("measure")) };
    const grown = after.usedBytes - before.usedBytes;
    console.log(
      `${kind}: ${((full.usedBytes - before.usedBytes) / count) | 0} bytes a session, ${grown} bytes after they expired`,
    );
    expect(after).toMatchObject({ sessions: 0, calls: 0, connections: 0, timers: before.timers });
    expect(grown).toBeLessThan(5 * MiB);
    if (kind === "memory") expect(after.usage).toEqual({ sessions: 0, streams: 0, events: 0, watchers: 0 });

    expect(await child.ask("close")).toEqual({ timers: 0 });
    await child.exit();
    if (kind === "sqlite") expect(rowCounts(file)).toEqual([]);
  });
});

/** Moves the clock on until every session has run out, and waits until the endpoint has swept them away. */
async function expire(server: ChildWithOrders): Promise<void> {
  await server.ask("abandon", { ms: IDLE_TTL_MS + 1 });
  await waitFor(
    "the sweep of the sessions",
    async () => {
      const { sessions, sweeping } = await server.ask("stats");
      return sessions === 0 && !sweeping;
    },
    20_000,
  );
}

/** Opens sessions, some of which do more than that, and lets go of every connection. */
async function openSessions(port: number, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: LANES });
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const n = next;
      next += 1;
      await openSession(agent, port, n);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  agent.destroy();
}

async function openSession(agent: Agent, port: number, n: number): Promise<void> {
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } };
  const { status, session } = await send(agent, port, {}, rpc("initialize", params, "init"));
  if (status !== 200 || session === undefined) throw new Error(`initialize: ${status}`);
  const headers = { "mcp-session-id": session };
  if (n % 5 === 0) await send(agent, port, headers, rpc("notifications/initialized", {}));
  if (n % 5 === 1) await send(agent, port, headers, rpc("tools/call", { name: "quick" }, 1));
  // Clients that are gone while their call still runs, or while they listen.
  if (n % 50 === 2) await cutOff(port, "POST", headers, rpc("tools/call", { name: "endless" }, 1));
  if (n % 50 === 3) await cutOff(port, "GET", headers);
}

function rpc(method: string, params: object, id?: string | number): string {
  return JSON.stringify({ jsonrpc: "2.0", method, params, ...(id === undefined ? {} : { id }) });
}

const POST_HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };

function send(
  agent: Agent,
  port: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<{ readonly status: number | undefined; readonly session: string | undefined }> {
  return new Promise((resolve, reject) => {
    const options = { agent, port, method: "POST", headers: { ...POST_HEADERS, ...headers } };
    const outgoing = request(options, (response) => {
      const session = response.headers["mcp-session-id"] as string | undefined;
      response.resume().on("end", () => resolve({ status: response.statusCode, session }));
    });
    outgoing.on("error", reject).end(body);
  });
}

/** Makes a request and destroys its socket as soon as the answer begins. */
function cutOff(
  port: number,
  method: "GET" | "POST",
  headers: Readonly<Record<string, string>>,
  body?: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const accept = method === "GET" ? { accept: "text/event-stream" } : POST_HEADERS;
    const outgoing = request({ agent: false, port, method, headers: { ...accept, ...headers } }, () => {
      outgoing.destroy();
      resolve();
    });
    outgoing.on("error", reject).end(body);
  });
}

/** The tables of the file that have rows, but for SQLite's own and the count of sessions in all when it is 0. */
function rowCounts(file: string): readonly { readonly table: string; readonly rows: number }[] {
  const database = new Database(file, { readonly: true });
  try {
    const all = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    const tables = database.prepare(all).pluck().all() as string[];
    expect(tables).toContain("sessions");
    const rowsOf = (table: string) => {
      const constant = table === "session_counts" ? "WHERE scope <> 'total' OR sessions <> 0" : "";
      return database.prepare(`SELECT count(*) FROM "${table}" ${constant}`).pluck().get() as number;
    };
    return tables.map((table) => ({ table, rows: rowsOf(table) })).filter(({ rows }) => rows > 0);
  } finally {
    database.close();
  }
}
