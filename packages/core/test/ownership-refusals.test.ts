import { describe, expect, it } from "vitest";
import type { ServerTransport } from "../src/server-transport.js";
import { ask } from "./support/fake-http.js";
import { die, held, twoNodes } from "./support/nodes.js";
import { soon } from "./support/soon.js";
import { callOf, over, TestClient } from "./support/test-session.js";

const ROOTS_CHANGED = { jsonrpc: "2.0", method: "notifications/roots/list_changed" };

describe("G5: the same request at two nodes", () => {
  it("joins the first one's stream, there and back, and is dispatched once", async () => {
    const { owner, here, there, at, newNode } = await twoNodes();
    const answers = [await here.call(1)];
    const call = await owner.dispatched(1);
    await call.notify("one");
    for (const client of [there, at(newNode()), there, here, there]) {
      const last = answers.at(-1);
      answers.push(await client.call(1));
      await over(last as (typeof answers)[number]);
      expect(last?.frames.at(-1)).toEqual({ retry: 60_000 });
      await soon(() => expect(answers.at(-1)?.messages).toMatchObject([{ params: { data: "one" } }]));
    }
    call.finish("done");
    await over(answers[5] as (typeof answers)[number]);
    expect(answers[5]?.messages).toMatchObject([{ params: { data: "one" } }, { id: 1, result: {} }]);
    expect(answers[5]?.frames[0]?.id).toBe(answers[0]?.frames[0]?.id);
    expect(owner.calls).toHaveLength(1);
  });
});

describe("G5: what the owner refuses is refused at the other node with the owner's words", () => {
  it.each([
    ["another body under an id in flight", callOf(1, "other"), 400, -32600, 1],
    ["a batch with a request in flight and another one", [callOf(1), callOf(2)], 400, -32600, null],
    ["a batch that uses an id twice", [callOf(5), callOf(5)], 400, -32600, null],
    ["too many calls", callOf(3), 429, -31014, 3],
  ])("%s", async (_, body, status, code, id) => {
    const { owner, there } = await twoNodes({ maxCallsPerSession: 1 }, { version: "2025-03-26" });
    const first = await there.call(1);
    await owner.dispatched(1);
    const refused = await there.post(body);
    expect([refused.status, refused.json]).toMatchObject([status, { id, error: { code } }]);
    expect(refused.headers["retry-after"]).toBe(status === 429 ? "2" : undefined);
    owner.calls[0]?.finish("done");
    await over(first);
    expect([owner.calls.length, first.messages.length]).toEqual([1, 1]);
  });

  it("a caller that lacks scopes, with what it lacks", async () => {
    const { owner, there } = await twoNodes({
      principal: () => ({ issuer: "i", subject: "s", client: "c" }),
    });
    const transport = owner.server.transport as unknown as ServerTransport;
    const asked: unknown[] = [];
    transport.setScopeChallengeResolver(({ authInfo }) => {
      asked.push(authInfo);
      return { scopes: ["a", "b"] };
    });
    const authInfo = { token: "t", resource: new URL("https://a.example/mcp") };
    const refused = await ask(there.endpoint, { body: callOf(1), headers: there.headers, authInfo });
    expect([refused.status, refused.json]).toMatchObject([403, { id: 1, error: { code: -32000 } }]);
    expect(refused.headers["www-authenticate"]).toBe(
      'Bearer error="insufficient_scope", error_description="Insufficient scope", scope="a b", ' +
        'resource_metadata="https://a.example/.well-known/oauth-protected-resource/mcp"',
    );
    expect([asked, owner.calls]).toEqual([[authInfo], []]);
  });

  it("a notification whose change cannot be stored (G8)", async () => {
    const { owner, there } = await twoNodes();
    owner.control.failOnce("update");
    const refused = await there.post({ jsonrpc: "2.0", method: "notifications/initialized" });
    expect([refused.status, refused.json]).toMatchObject([503, { error: { code: -31011 } }]);
  });
});

describe("G7: an inbox without room", () => {
  it("refuses with 503, takes nothing from what waits in it, and has room again", async () => {
    const { owner, there } = await twoNodes({}, { backend: { retention: { maxEvents: 3 } } });
    const heard: unknown[] = [];
    owner.server.fallbackNotificationHandler = async ({ params }) => void heard.push(params?.n);
    const tell = (n: number) => there.post({ ...ROOTS_CHANGED, params: { n } });
    const release = held(owner, "take");
    const waiting = [tell(1), tell(2), tell(3)];
    const refused = await tell(4);
    expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "2"]);
    expect(refused.json).toMatchObject({
      error: { code: -31011, data: { reason: "STORE_FULL", retryable: true } },
    });
    const get = await there.get();
    expect(get.frames, "told when to come back").toMatchObject([{ retry: 3_000, data: "" }]);
    release();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([202, 202, 202]);
    expect((await tell(5)).status).toBe(202);
    expect(heard).toEqual([1, 2, 3, 5]);
  });
});

describe("G8: a store that fails at the other node", () => {
  it.each(["append", "read", "watch"] as const)("fails the request at once: %s", async (operation) => {
    const { other, there, owner } = await twoNodes();
    await there.post(ROOTS_CHANGED);
    other.control.fail(operation);
    const refused = await there.call(1);
    expect([refused.status, refused.json]).toMatchObject([503, { id: 1, error: { code: -31011 } }]);
    other.control.recover();
    const again = await there.call(1);
    (await owner.dispatched(1)).finish("done");
    await over(again);
    expect(again.messages.at(-1)).toMatchObject({ id: 1, result: {} });
    expect(owner.calls).toHaveLength(1);
  });

  it("at the owner, while it takes what has come: that is taken when the store is back", async () => {
    const { owner, there } = await twoNodes();
    owner.control.failOnce("take");
    const calling = there.call(1);
    (await owner.dispatched(1)).finish("done");
    const answer = await calling;
    await over(answer);
    expect(answer.messages).toMatchObject([{ id: 1, result: {} }]);
  });
});

describe("G3, G9: a session of somebody else at another node", () => {
  it("is what a stranger is told on every verb, and nothing comes into its inbox", async () => {
    const { owner, other, there, inner, keyOf } = await twoNodes(
      { principal: ({ headers }) => ({ issuer: "i", subject: headers["x-user"] ?? "", client: "c" }) },
      { headers: { "x-user": "anna" } },
    );
    const post = await there.call(1);
    await owner.dispatched(1);
    const inboxBefore = await inner.log.head(keyOf("inbox"));
    const foreign = new TestClient(other.endpoint, there.sessionId, { ...there.headers, "x-user": "bert" });
    const unknown = new TestClient(other.endpoint, "no-such-session", {
      "mcp-session-id": "no-such-session",
      "x-user": "bert",
    });
    for (const act of [
      (client: TestClient) => client.call(2),
      (client: TestClient) => client.post(ROOTS_CHANGED),
      (client: TestClient) => client.cancel(1),
      (client: TestClient) => client.get(),
      (client: TestClient) => client.get(post.cursor),
      (client: TestClient) => client.get("g.0.0"),
      (client: TestClient) => client.delete(),
    ]) {
      const [told, stranger] = [await act(foreign), await act(unknown)];
      expect([told.status, told.headers, told.text]).toEqual([404, stranger.headers, stranger.text]);
    }
    expect(await inner.log.head(keyOf("inbox"))).toEqual(inboxBefore);
    expect(other.endpoint.stats()).toMatchObject({ connections: 1 });
    owner.calls[0]?.finish("done");
    await over(post);
    expect(post.messages).toMatchObject([{ id: 1, result: {} }]);
  });

  it("whose owner is dead stays where it is: a stranger makes nobody take it over", async () => {
    const { owner, other, there, record } = await twoNodes({
      principal: ({ headers }) => ({ issuer: "i", subject: headers["x-user"] ?? "anna", client: "c" }),
    });
    die(owner);
    const foreign = new TestClient(other.endpoint, there.sessionId, { ...there.headers, "x-user": "bert" });
    expect([(await foreign.call(1)).status, (await foreign.get()).status]).toEqual([404, 404]);
    expect((await record()).fence).toBe(1);
    expect(other.servers).toEqual([]);
  });
});
