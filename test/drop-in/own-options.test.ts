import { afterEach, describe, expect, it } from "vitest";
import { RawClient } from "../support/raw-client.js";
import { EMBEDDED_STORES } from "../support/stores.js";
import { waitFor } from "../support/wait-for.js";
import { answerTo, initialize, ping } from "./ask.js";
import { type Options, ServedTransport } from "./served-transport.js";
import { ALL_CLASSES, OUR_CLASSES } from "./transport-classes.js";

let served: ServedTransport;
let dispose: (() => Promise<void>) | undefined;
afterEach(async () => {
  await served?.stop();
  await dispose?.();
  dispose = undefined;
});

describe.each(ALL_CLASSES)("A second GET of $name", ({ Transport }) => {
  it("is refused with 409 while the first is open, and served when that has gone", async () => {
    served = await ServedTransport.start(Transport);
    const client = await served.open();
    const first = await client.get();
    const request = { method: "GET", headers: client.headers };
    expect(await answerTo(served.url, request)).toBe("409 -32000 id=null");
    expect(served.errors).toEqual(["Conflict: Only one SSE stream is allowed per session"]);
    await served.commanded.say("to the first");
    await first.untilMessages(1);
    first.cut();
    await waitFor("a GET to be served", async () => (await answerTo(served.url, request)) === "stream");
  });
});

it.each(OUR_CLASSES)(
  "secondGet: supersede lets the new GET take over, and tells the old one to stay away: $name",
  async ({ Transport }) => {
    served = await ServedTransport.start(Transport, { secondGet: "supersede" });
    const client = await served.open();
    const [first, second] = [await client.get(), await client.get()];
    await first.untilOver();
    expect(first.events.at(-1)).toMatchObject({ retryMs: 60_000 });
    await served.commanded.say("to the second");
    await second.untilMessages(1);
    expect([first.messages.length, served.errors]).toEqual([0, []]);
  },
);

describe.each(EMBEDDED_STORES)("G7 idleTtlMs on our $name store", ({ open }) => {
  it.each(OUR_CLASSES)(
    "ends a session without a request and without an open connection, and no other: $name",
    async ({ Transport }) => {
      const { store, dispose: disposeStore } = open();
      dispose = disposeStore;
      const options = { eventStore: store, idleTtlMs: 150 } as Options;
      served = await ServedTransport.start(Transport, options);
      const listening = await ServedTransport.start(Transport, options);
      const stream = await (await listening.open()).get();
      await served.open();
      await waitFor("its end", () => served.closes === 1);
      expect((await store.sessions.list("", { limit: 10 })).sessions.map(({ id }) => id)).toEqual([
        listening.transport.sessionId,
      ]);
      await listening.commanded.say("still here");
      await stream.untilMessages(1);
      expect(listening.closes).toBe(0);
      stream.cut();
      await waitFor("its end too", () => listening.closes === 1);
      await listening.stop();
    },
  );

  it.each(OUR_CLASSES)("may be as long as a number can be: $name", async ({ Transport }) => {
    const { store, dispose: disposeStore } = open();
    dispose = disposeStore;
    served = await ServedTransport.start(Transport, {
      eventStore: store,
      idleTtlMs: Number.MAX_SAFE_INTEGER,
    } as Options);
    const client = await served.open();
    const answer = await client.post(ping(1));
    await answer.untilOver();
    expect(answer.messages.length).toBe(1);
    expect((await store.sessions.list("", { limit: 10 })).sessions.length).toBe(1);
  });
});

describe.each(OUR_CLASSES)("G9 principal of $name", ({ Transport }) => {
  const closed: string[] = [];
  const principal = ({ headers }: { headers: Readonly<Record<string, string | undefined>> }) => ({
    issuer: "test",
    subject: headers.authorization || "nobody",
    client: "test",
  });

  it("binds the session to its caller: to anybody else it is not there, on any verb, and stays as it was", async () => {
    served = await ServedTransport.start(Transport, {
      principal,
      onsessionclosed: (id) => {
        closed.push(id);
      },
    } as Options);
    const headers = { authorization: "ada" };
    const opening = await answerTo(served.url, { method: "POST", headers, body: initialize() });
    expect(opening).toBe("stream");
    const session = { "mcp-session-id": served.transport.sessionId ?? "" };
    for (const authorization of ["eve", ""]) {
      for (const [method, body] of [
        ["POST", ping(1)],
        ["GET", undefined],
        ["DELETE", undefined],
      ] as const) {
        const request = { method, body, headers: { ...session, authorization } };
        expect(await answerTo(served.url, request)).toMatch(/^404 -32001 /);
      }
    }
    expect([closed, served.closes]).toEqual([[], 0]);
    const own = { ...session, ...headers };
    expect(await answerTo(served.url, { method: "POST", headers: own, body: ping(1) })).toBe("stream");
    expect(await answerTo(served.url, { method: "DELETE", headers: own })).toBe("200");
    expect([closed, served.closes]).toEqual([[session["mcp-session-id"]], 1]);
  });

  it("is not asked for: authenticated requests of different people share a session, as with the SDK's class", async () => {
    served = await ServedTransport.start(Transport, undefined, {
      handle: (transport, request, response) =>
        transport.handleRequest(
          Object.assign(request, { auth: { token: "t", clientId: "c", scopes: [] } }),
          response,
        ),
    });
    const client = await RawClient.open(served.url);
    expect(await answerTo(served.url, { method: "POST", headers: client.headers, body: ping(1) })).toBe(
      "stream",
    );
  });
});
