import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EverythingProcess } from "../support/everything-process.js";
import { type RawAnswer, rawRequest } from "../support/raw-http.js";
import { RawSession } from "../support/raw-session.js";
import { STORES, temporaryDirectory } from "../support/store-table.js";
import { waitFor } from "../support/wait-for.js";

const ALICE = { "x-test-user": "alice" };
const BOB = { "x-test-user": "bob" };
/** Looks like a session id, and is none. */
const UNKNOWN_ID = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

describe.each(STORES)("Principals on the $kind store", { timeout: 20_000 }, ({ kind, nameIn }) => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let everything: EverythingProcess;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    const args = ["--principals"];
    everything = await EverythingProcess.start({ store: nameIn(directory.path), args });
  });
  afterAll(async () => {
    await everything?.kill();
    await directory?.remove();
  });

  /** A session of Alice's with something on its streams. */
  async function openAlices(): Promise<{ session: RawSession; cursors: readonly string[] }> {
    const session = await RawSession.open(everything.url, { headers: ALICE });
    session.notifications.resume();
    await session.done("resources/subscribe", { uri: "test://watched-resource" });
    await waitFor("the notification", () => session.notifications.events.length === 1);
    const call = session.call("test_slow", { ms: 0, steps: 3 });
    await call.followToResponse(5_000);
    const cursors = [...call.cursors, ...session.notifications.cursors];
    expect(cursors.length).toBeGreaterThanOrEqual(6);
    return { session, cursors };
  }

  /** Every request that somebody might try with a session id (and cursors) that is not theirs. */
  function attempts(cursors: readonly string[]) {
    const post = (body: unknown) => ({ method: "POST", body });
    const requests = [
      post({ jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "test_counter" } }),
      post({ jsonrpc: "2.0", id: 8, method: "initialize", params: {} }),
      post({ jsonrpc: "2.0", method: "notifications/initialized" }),
      post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } }),
      post({ jsonrpc: "2.0", id: "1:0", result: {} }),
      { method: "GET" },
      ...cursors.map((cursor) => ({ method: "GET", headers: { "last-event-id": cursor } })),
      { method: "GET", headers: { "last-event-id": "nonsense" } },
      { method: "DELETE" },
    ];
    return requests.map((request) => ({ headers: {}, ...request }));
  }

  function ask(
    request: ReturnType<typeof attempts>[number],
    sessionId: string,
    user: object,
  ): Promise<RawAnswer> {
    const headers = { ...request.headers, ...user, "mcp-session-id": sessionId };
    return rawRequest(everything.url, { ...request, headers });
  }

  /** Bob and a stranger without a name are told the same of Alice's session as of one that never was. */
  async function expectNotFound(sessionId: string, cursors: readonly string[]): Promise<void> {
    for (const user of [BOB, {}]) {
      for (const request of attempts(cursors)) {
        const ofAlices = await ask(request, sessionId, user);
        const ofUnknown = await ask(request, UNKNOWN_ID, user);
        expect(ofAlices, JSON.stringify(request)).toEqual(ofUnknown);
        expect(ofAlices.status).toBe(404);
      }
    }
  }

  test("G9, G3: a session of somebody else is answered byte for byte like an unknown one", async () => {
    const { session, cursors } = await openAlices();
    await expectNotFound(session.id, cursors);

    // Alice has noticed nothing of it.
    expect(session.notifications.connected).toBe(true);
    expect(await session.text("test_update_resource", { uri: "test://watched-resource" })).toBe("sent");
    await waitFor("the update", () => session.notifications.events.length === 2);
    expect(await session.text("test_counter")).toBe("1");
    session.cut();
  });

  const restartTest = "G9, G3: the same after a restart, whoever comes first";
  if (kind !== "memory")
    test(restartTest, async () => {
      const { session, cursors } = await openAlices();
      const call = session.call("test_slow", { ms: 60_000, steps: 6_000 });
      await waitFor("progress", () => call.events.length >= 2);
      await everything.restart();
      await expectNotFound(session.id, [...cursors, ...call.cursors]);

      // She has what is hers.
      const { error } = await call.followToResponse(10_000);
      expect(error).toMatchObject({ data: { retryable: true } });
      session.notifications.resume();
      expect(await session.text("test_update_resource", { uri: "test://watched-resource" })).toBe("sent");
      await waitFor("the update", () => session.notifications.events.length === 2);
      await expectNotFound(session.id, [...cursors, ...call.cursors]);
      session.cut();
    });

  test("G9: an ended session, too, is told to others like an unknown one", async () => {
    const { session, cursors } = await openAlices();
    session.cut();
    expect((await session.request("DELETE")).status).toBe(200);
    await expectNotFound(session.id, cursors);
    // To its owner as well.
    for (const request of attempts(cursors)) {
      expect(await ask(request, session.id, ALICE)).toEqual(await ask(request, UNKNOWN_ID, ALICE));
    }
  });

  test("G3: a cursor of one session yields nothing of it in another one of the same principal", async () => {
    const { session: first } = await openAlices();
    const call = first.call("test_log", { level: "info", data: "a secret of the first session" });
    await call.followToResponse(5_000);
    const second = await RawSession.open(everything.url, { headers: ALICE });

    for (const cursor of call.cursors) {
      // The same cursor of a stream that never was: another nonce.
      const invented = cursor.replace(/^p\.[^.]+/, "p.AAAAAAAAAAAA");
      expect(invented).not.toBe(cursor);
      const [foreign, unknown] = await Promise.all(
        [cursor, invented].map((id) => second.request("GET", { headers: { "last-event-id": id } })),
      );
      expect(foreign?.body).not.toContain("secret");
      expect({
        ...foreign,
        body: foreign?.body.replaceAll(cursor.split(".")[1] ?? "", "AAAAAAAAAAAA"),
      }).toEqual(unknown);
    }

    // A cursor of a GET stream is a position in the asker's own.
    const own = second.notifications.resume(first.notifications.cursor);
    await second.done("resources/subscribe", { uri: "test://own" });
    await waitFor("its own notification", () => own.events.some(({ data }) => data.includes("test://own")));
    const foreign = own.events.filter(({ data }) => data.includes("watched-resource"));
    expect(foreign).toEqual([]);
    first.cut();
    second.cut();
  });
});
