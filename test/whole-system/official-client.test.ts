import {
  CompleteResultSchema,
  LoggingMessageNotificationSchema,
  type Progress,
  ResourceUpdatedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CuttingProxy } from "../support/cutting-proxy.js";
import { EverythingProcess } from "../support/everything-process.js";
import { connectOfficialClient, type OfficialClient, ROOTS } from "../support/official-client.js";
import { rawRequest } from "../support/raw-http.js";
import { RawSession } from "../support/raw-session.js";
import { STORES, temporaryDirectory } from "../support/store-table.js";
import { waitFor } from "../support/wait-for.js";

const WATCHED = "test://watched-resource";

describe.each(STORES)("The official client on the $kind store", { timeout: 20_000 }, ({ nameIn }) => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let everything: EverythingProcess;
  let proxy: CuttingProxy;
  let official: OfficialClient;
  const logged: string[] = [];

  beforeAll(async () => {
    directory = await temporaryDirectory();
    everything = await EverythingProcess.start({ store: nameIn(directory.path) });
    proxy = await CuttingProxy.start(everything.port);
  });
  afterAll(async () => {
    await proxy?.stop();
    await everything?.kill();
    await directory?.remove();
  });
  afterEach(async () => {
    proxy.refuse(false);
    await official?.client.close();
  });

  async function connect(): Promise<OfficialClient> {
    official = await connectOfficialClient(proxy.url);
    logged.length = 0;
    official.client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
      logged.push(String(params.data));
    });
    await waitFor("the GET stream", () =>
      official.requests.some(({ method, status }) => method === "GET" && status === 200),
    );
    return official;
  }

  async function text(name: string, args: Record<string, unknown> = {}): Promise<string> {
    const { content } = await official.client.callTool({ name, arguments: args });
    return (content as { text: string }[])[0]?.text ?? "";
  }

  /** Puts numbered messages on the client's GET stream by way of another client of the same session. */
  async function say(from: number, to: number): Promise<void> {
    const headers = { "mcp-session-id": official.transport.sessionId ?? "" };
    for (let n = from; n <= to; n += 1) {
      const params = { name: "test_log", arguments: { level: "info", data: `say ${n}`, to: "session" } };
      const body = { jsonrpc: "2.0", id: `say ${n}`, method: "tools/call", params };
      const answer = await rawRequest(everything.url, { method: "POST", headers, body });
      expect(answer.status).toBe(200);
    }
  }

  const said = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => `say ${from + index}`);

  test("lists tools, prompts, resources and templates, each with a description", async () => {
    const { client } = await connect();
    const { tools } = await client.listTools();
    const { prompts } = await client.listPrompts();
    const { resources } = await client.listResources();
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(tools.length).toBeGreaterThanOrEqual(18);
    expect([prompts.length, resources.length, resourceTemplates.length]).toEqual([4, 3, 1]);
    for (const { name, description } of [...tools, ...prompts, ...resources, ...resourceTemplates]) {
      expect(description, name).toBeTruthy();
    }
    const raw = tools.find(({ name }) => name === "json_schema_2020_12_tool")?.inputSchema;
    expect(raw).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $defs: { address: { $anchor: "addressDef" } },
      properties: { address: { $ref: "#/$defs/address" } },
      additionalProperties: false,
    });
  });

  test("calls tools, gets prompts and reads resources", async () => {
    const { client } = await connect();
    expect(await text("test_simple_text")).toBe("This is a simple text response for testing.");
    const mixed = await client.callTool({ name: "test_multiple_content_types" });
    expect((mixed.content as { type: string }[]).map(({ type }) => type)).toEqual([
      "text",
      "image",
      "resource",
    ]);
    expect(await client.callTool({ name: "test_error_handling" })).toMatchObject({ isError: true });
    const prompt = { name: "test_prompt_with_arguments", arguments: { arg1: "a", arg2: "b" } };
    expect((await client.getPrompt(prompt)).messages).toMatchObject([
      { content: { text: "Prompt with arguments: arg1='a', arg2='b'" } },
    ]);
    const { contents } = await client.readResource({ uri: "test://template/7/data" });
    expect(contents).toMatchObject([{ text: '{"id":"7","templateTest":true,"data":"Data for ID: 7"}' }]);
    const unknown = client.readResource({ uri: "test://nothing" });
    await expect(unknown).rejects.toMatchObject({ code: -32602, data: { uri: "test://nothing" } });
  });

  test("receives progress and log messages of a call in order, and none below its log level", async () => {
    const { client } = await connect();
    const progress: Progress[] = [];
    await client.callTool({ name: "test_tool_with_progress" }, undefined, {
      onprogress: (one) => progress.push(one),
    });
    expect(progress).toEqual([0, 50, 100].map((n) => ({ progress: n, total: 100 })));
    await text("test_tool_with_logging");
    expect(logged).toEqual(["Tool execution started", "Tool processing data", "Tool execution completed"]);
    await client.setLoggingLevel("error");
    await text("test_tool_with_logging");
    await text("test_log", { level: "error", data: "loud" });
    expect(logged.slice(3)).toEqual(["loud"]);
  });

  test("answers sampling, elicitation and roots", async () => {
    await connect();
    expect(await text("test_sampling", { prompt: "hello" })).toBe("LLM response: echo hello");
    expect(await text("test_elicitation", { message: "who?" })).toBe(
      'User response: action=accept, content={"response":"answer to who?"}',
    );
    expect(JSON.parse(await text("test_roots"))).toEqual(ROOTS);
  });

  test("subscribes and unsubscribes, and hears of it on the GET stream", async () => {
    const { client } = await connect();
    const updated: string[] = [];
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      updated.push(params.uri);
    });
    await client.subscribeResource({ uri: WATCHED });
    await waitFor("the message of the subscription", () => logged.includes(`subscribed: ${WATCHED}`));
    expect(await text("test_update_resource", { uri: WATCHED })).toBe("sent");
    await waitFor("the update", () => updated.length > 0);
    await client.unsubscribeResource({ uri: WATCHED });
    expect(await text("test_update_resource", { uri: WATCHED })).toBe("not subscribed");
    expect([logged.length, updated]).toEqual([1, [WATCHED]]);
  });

  test("completes a prompt's argument", async () => {
    const { client } = await connect();
    const params = {
      ref: { type: "ref/prompt", name: "test_prompt_with_arguments" },
      argument: { name: "arg1", value: "par" },
    } as const;
    const { completion } = await client.request(
      { method: "completion/complete", params },
      CompleteResultSchema,
    );
    expect(completion.values).toEqual(["paris", "park", "party"]);
  });

  test("cancels a call: the server sees it, and no response comes", async () => {
    const { client, received } = await connect();
    const abort = new AbortController();
    const call = client.callTool({ name: "test_cancellable", arguments: { key: "k1" } }, undefined, {
      signal: abort.signal,
    });
    call.catch(() => {});
    await waitFor("the call to be running", () => logged.includes("waiting: k1"));
    const before = received.length;
    abort.abort("enough");
    await expect(call).rejects.toThrow("enough");
    const cancellations = () => text("test_cancellations");
    await waitFor("the server to see it", async () => (await cancellations()) === '["k1"]');
    // What came after the cancellation answers the questions above and nothing else.
    const asked = received.slice(before).map((message) => JSON.stringify(message));
    expect(asked.filter((message) => !message.includes('"text":"['))).toEqual([]);
  });

  test("frees the id of a cancelled call, whose stream ends without a response", async () => {
    const session = await RawSession.open(everything.url);
    const call = session.call("test_cancellable", { key: "k2" }, "same id");
    await waitFor("the call to be running", () => call.messages.length === 1);
    await session.send({
      method: "notifications/cancelled",
      params: { requestId: "same id", reason: "enough" },
    });
    await call.over();
    expect(call.response).toBeUndefined();
    await call.resume().over();
    expect(call.statuses).toEqual([200, 405]);
    const again = await session.call("test_simple_text", {}, "same id").followToResponse(5_000);
    expect(again).toMatchObject({ id: "same id", result: { content: [{ type: "text" }] } });
  });

  test("polls for the answer of a call that closes its own connection", async () => {
    const { requests } = await connect();
    expect(await text("test_reconnection")).toBe("Reconnection test completed successfully");
    const polls = requests.filter(({ method, lastEventId }) => method === "GET" && lastEventId);
    expect(polls.length).toBeGreaterThanOrEqual(1);
  });

  test("G1: resumes a call whose socket is cut again and again, without losing or doubling progress", async () => {
    const { client, requests } = await connect();
    const progress: number[] = [];
    let cuts = 0;
    const call = client.callTool({ name: "test_slow", arguments: { ms: 600, steps: 60 } }, undefined, {
      onprogress: (one) => {
        progress.push(one.progress);
        if (progress.length % 15 !== 0 || progress.length === 60) return;
        cuts += 1;
        proxy.cut();
      },
    });
    expect(await call).toMatchObject({ content: [{ text: "slow done" }] });
    expect(progress).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    expect(cuts).toBe(3);
    expect(requests.filter(({ lastEventId }) => lastEventId?.startsWith("p.")).length).toBeGreaterThanOrEqual(
      3,
    );
  });

  test("G1: resumes the GET stream without loss, whatever is said before, while and after it is cut", async () => {
    await connect();
    await say(1, 20);
    await waitFor("what was said before", () => logged.length === 20);
    proxy.refuse(true);
    proxy.cut();
    await say(21, 40);
    expect(logged).toHaveLength(20);
    proxy.refuse(false);
    await say(41, 60);
    await waitFor("what was said meanwhile", () => logged.length >= 60);
    proxy.cut();
    await say(61, 70);
    await waitFor("what was said last", () => logged.length >= 70);
    expect(logged).toEqual(said(1, 70));
  });

  test("terminates its session: from then on POST, GET and DELETE find none", async () => {
    const { transport } = await connect();
    const headers = { "mcp-session-id": transport.sessionId ?? "" };
    await transport.terminateSession();
    const body = { jsonrpc: "2.0", id: 1, method: "ping" };
    for (const request of [{ method: "POST", body }, { method: "GET" }, { method: "DELETE" }]) {
      const answer = await rawRequest(everything.url, { ...request, headers });
      expect(answer.status, request.method).toBe(404);
      expect(JSON.parse(answer.body).error.code).toBe(-32001);
    }
  });
});
