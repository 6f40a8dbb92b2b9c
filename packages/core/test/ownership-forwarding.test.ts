import { EmptyResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, it } from "vitest";
import { PING } from "./support/answer-rows.js";
import { ask } from "./support/fake-http.js";
import { held, twoNodes } from "./support/nodes.js";
import { soon } from "./support/soon.js";
import { callOf, over } from "./support/test-session.js";

const INITIALIZED = { jsonrpc: "2.0", method: "notifications/initialized" };
const ROOTS_CHANGED = { jsonrpc: "2.0", method: "notifications/roots/list_changed" };

describe("G5: a request that comes to another node than its session's owner", () => {
  it("is answered by the owner, on a stream that can be followed there", async () => {
    const { owner, other, there } = await twoNodes();
    const answer = await there.call(1);
    const call = await owner.dispatched(1);
    await call.notify("one");
    await call.notify("two");
    call.finish("done");
    await over(answer);
    expect(answer.messages).toMatchObject([
      { params: { data: "one" } },
      { params: { data: "two" } },
      { id: 1, result: {} },
    ]);
    expect(answer.frames[0]).toMatchObject({ data: "" });
    expect(answer.headers).toMatchObject({ "mcp-session-id": there.sessionId });
    expect([owner.servers.length, other.servers.length]).toEqual([1, 0]);
  });

  it("is looked at no more often than there is something to see", async () => {
    const { owner, other, there } = await twoNodes();
    const call = async (id: number) => {
      const answer = await there.call(id);
      (await owner.dispatched(id)).finish("done");
      await over(answer);
    };
    await call(1);
    other.control.begun.length = 0;
    await call(2);
    // The entry of the inbox; that it was accepted; the result. Its heartbeats have nothing to do with it.
    expect(other.control.begun.filter((operation) => !["watch", "heartbeat"].includes(operation))).toEqual([
      "append",
      "read",
      "read",
    ]);
  });

  it("is answered at once where the server answers at once", async () => {
    const { there } = await twoNodes();
    const answer = await there.post(PING);
    await over(answer);
    expect(answer.messages).toMatchObject([{ id: PING.id, result: {} }]);
    expect((await there.get(answer.cursor)).status).toBe(405);
  });

  it("brings what its handlers learn of it: who sent it, its headers and its URL", async () => {
    const { owner, there } = await twoNodes({
      principal: () => ({ issuer: "i", subject: "s", client: "c" }),
    });
    const authInfo = { token: "t", clientId: "c", scopes: [], resource: new URL("https://a.example/mcp") };
    void ask(there.endpoint, {
      body: callOf(1),
      url: "/mcp?x=1",
      headers: { ...there.headers, host: "a.example", "x-own": "yes" },
      authInfo,
    });
    const { extra } = await owner.dispatched(1);
    expect(extra.authInfo).toEqual(authInfo);
    expect(extra.authInfo?.resource).toBeInstanceOf(URL);
    expect(extra.requestInfo?.headers).toMatchObject({ "x-own": "yes" });
    expect(extra.requestInfo?.url?.href).toBe("http://a.example/mcp?x=1");
  });

  it("comes in a batch: each request is answered, on one stream (2025-03-26)", async () => {
    const { owner, there } = await twoNodes({}, { version: "2025-03-26" });
    const heard: string[] = [];
    owner.server.fallbackNotificationHandler = async ({ method }) => void heard.push(method);
    const answer = await there.post([callOf(1), ROOTS_CHANGED, callOf("two")]);
    (await owner.dispatched(2)).finish("two");
    owner.calls[0]?.finish("one");
    await over(answer);
    expect(answer.messages.map(({ id }) => id).sort()).toEqual([1, "two"]);
    expect(heard).toEqual([ROOTS_CHANGED.method]);
  });
});

describe("G5: the server's own request", () => {
  it("sent for a call gets its answer from whichever node the client sends it to", async () => {
    const { owner, here, there, at, newNode } = await twoNodes();
    const call = await there.call(1);
    const { extra, finish } = await owner.dispatched(1);
    for (const client of [there, here, at(newNode())]) {
      const count = call.messages.length;
      const asked = extra.sendRequest({ method: "ping" }, EmptyResultSchema);
      await soon(() => expect(call.messages).toHaveLength(count + 1));
      const answer = await client.post({ jsonrpc: "2.0", id: call.messages.at(-1).id, result: {} });
      expect(answer.status).toBe(202);
      await asked;
    }
    finish("done");
    await over(call);
  });

  it("sent outside of any call reaches a GET connection at another node, and its error answer the server", async () => {
    const { owner, there } = await twoNodes();
    const get = await there.get();
    const asked = owner.server.request({ method: "ping" }, EmptyResultSchema);
    await soon(() => expect(get.messages).toHaveLength(1));
    const error = { code: -32601, message: "no such thing" };
    await there.post({ jsonrpc: "2.0", id: get.messages[0].id, error });
    await expect(asked).rejects.toThrow("no such thing");
  });
});

describe("G5: a notification that comes to another node", () => {
  it("gets its 202 when the owner has handed it on, no sooner", async () => {
    const { owner, there } = await twoNodes();
    const heard: string[] = [];
    owner.server.fallbackNotificationHandler = async ({ method }) => void heard.push(method);
    const release = held(owner, "take");
    const posting = there.post(ROOTS_CHANGED);
    await soon(() => expect(owner.control.begun).toContain("take"));
    const early = await Promise.race([posting, new Promise((resolve) => setTimeout(resolve, 50, "waits"))]);
    expect([early, heard]).toEqual(["waits", []]);
    release();
    const { status, text } = await posting;
    expect([status, text, heard]).toEqual([202, "", [ROOTS_CHANGED.method]]);
  });

  it("comes before what was sent after it: `initialized`, then a request", async () => {
    const { owner, there, at, newNode, record } = await twoNodes();
    const heard: string[] = [];
    owner.server.oninitialized = () => void heard.push("initialized");
    expect((await there.post(INITIALIZED)).status).toBe(202);
    expect(heard).toEqual(["initialized"]);
    expect((await record()).shape).toMatchObject({ initialized: true });
    void at(newNode()).call(1);
    await owner.dispatched(1);
  });

  it("keeps its place among many, whichever nodes they come to", async () => {
    const { owner, here, there, at, newNode } = await twoNodes();
    const heard: unknown[] = [];
    owner.server.fallbackNotificationHandler = async ({ params }) => void heard.push(params?.n);
    const clients = [there, at(newNode())];
    const tell = (n: number) => ({ jsonrpc: "2.0", method: "notifications/test", params: { n } });
    // More than are taken at a time.
    const sent = Array.from({ length: 150 }, (_, n) => clients[n % 2]?.post(tell(n)));
    const answers = await Promise.all(sent);
    expect(new Set(answers.map((answer) => answer?.status))).toEqual(new Set([202]));
    const numbers = Array.from({ length: 150 }, (_, n) => n);
    expect(heard).toEqual(numbers);
    await here.post(tell(150));
    expect(heard).toEqual([...numbers, 150]);
  });
});
