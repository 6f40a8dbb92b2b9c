import { ElicitRequestSchema, McpError, ResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, test } from "vitest";
import { createNameScheme } from "../src/names.js";
import { createClient, openSession, probe, textOf } from "./support/session.js";
import { waitFor } from "./support/wait-for.js";

const call = (name: string, args: Record<string, unknown> = {}) => ({ name, arguments: args });
const LONG = `very-${"long-".repeat(20)}name`;

describe("a session", () => {
  test("lists what all upstreams have, all pages, in the order of the configuration", async () => {
    const { client } = await openSession([probe("b"), probe("a")]);
    const { tools, nextCursor } = await client.listTools();
    expect(nextCursor).toBeUndefined();
    expect(tools.map(({ name }) => name.slice(0, 2))).toEqual([
      ...Array(18).fill("b_"),
      ...Array(18).fill("a_"),
    ]);
    expect(new Set(tools.map(({ name }) => name)).size).toBe(36);
    expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual([
      "b_greeting",
      "a_greeting",
    ]);
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual(["b+probe://state", "a+probe://state"]);
    expect((await client.listResourceTemplates()).resourceTemplates).toEqual([]);
  });

  test("calls tools by plain and by hashed names, listed before or not", async () => {
    const names = createNameScheme(["probe"]);
    const { client } = await openSession([probe()]);
    for (const [name, expected] of [
      ["grown-by-nobody", "grown-by-nobody"],
      ["tool with blanks", "blanks"],
      [LONG, "long"],
    ] as const) {
      expect(textOf(await client.callTool(call(names.toPublic("probe", name))))).toBe(expected);
    }
    const listed = (await client.listTools()).tools.map(({ name }) => name);
    expect(listed).toContain(names.toPublic("probe", LONG));
  });

  test("passes results on as they are, but for their URIs", async () => {
    const { client } = await openSession([probe("my_probe")]);
    const list = await client.request({ method: "tools/list" }, ResultSchema);
    expect(list.tools).toContainEqual({
      name: "my_probe_ask",
      inputSchema: { type: "object" },
      extra: { kept: true },
    });
    const result = await client.request({ method: "tools/call", params: call("my_probe_raw") }, ResultSchema);
    expect(result).toEqual({
      content: [
        { type: "resource_link", uri: "my.probe+probe://link", name: "link" },
        { type: "resource", resource: { uri: "my.probe+probe://embedded", text: "x", own: 1 } },
        { type: "text", text: "t", own: 2 },
      ],
      structuredContent: { uri: "probe://untouched" },
      own: { three: 3 },
      _meta: { "example/own": 4 },
    });
    const prompt = await client.getPrompt({ name: "my_probe_greeting", arguments: { who: "you" } });
    expect(prompt.messages.map(({ content }) => content)).toEqual([
      { type: "text", text: "greeting for you" },
      { type: "resource_link", uri: "my.probe+probe://link", name: "link" },
    ]);
    const { contents } = await client.readResource({ uri: "my.probe+probe://state" });
    expect(contents[0]?.uri).toBe("my.probe+probe://state");
  });

  test("passes errors on with code, message and data", async () => {
    const { client } = await openSession([probe()]);
    const error = await client.callTool(call("probe_error")).catch((e) => e);
    expect(error).toBeInstanceOf(McpError);
    expect(error).toMatchObject({
      code: -32055,
      message: "MCP error -32055: out of paper",
      data: { tray: 2 },
    });
  });

  test.each([
    ["an unknown app's tool", "tools/call", { name: "other_tool" }, -32602, "Unknown tool: other_tool"],
    [
      "an unknown hashed tool",
      "tools/call",
      { name: "probe_x-01234567" },
      -32602,
      "Unknown tool: probe_x-01234567",
    ],
    ["an upstream's unknown tool", "tools/call", { name: "probe_nope" }, -32602, "Unknown tool: nope"],
    ["an unknown prompt", "prompts/get", { name: "nope" }, -32602, "Unknown prompt: nope"],
    ["an unknown resource", "resources/read", { uri: "other+x:y" }, -32002, "Resource not found"],
    ["no name", "tools/call", {}, -32602, "Expected the name of a tool"],
    ["an unknown level", "logging/setLevel", { level: "loud" }, -32602, "Expected one of debug, info"],
    ["a cursor", "tools/list", { cursor: "1" }, -32602, "Unknown cursor"],
    ["an unknown method", "probe/own", {}, -32601, "Method not found"],
  ])("refuses %s", async (_what, method, params, code, message) => {
    const { client } = await openSession([probe()]);
    const error = await client.request({ method, params }, ResultSchema).catch((e) => e);
    expect(error.code).toBe(code);
    expect(error.message).toContain(`MCP error ${code}: ${message}`);
  });

  test("completes for prompts and templates", async () => {
    const { client } = await openSession([probe("a"), probe("b")]);
    const argument = { name: "x", value: "" };
    const prompt = await client.complete({ ref: { type: "ref/prompt", name: "b_greeting" }, argument });
    expect(prompt.completion.values).toEqual(["greeting"]);
    const template = await client.complete({ ref: { type: "ref/resource", uri: "a+probe://{x}" }, argument });
    expect(template.completion.values).toEqual(["probe://{x}"]);
  });

  test("carries progress in order, also what comes in one piece with the result", async () => {
    const { client, heard } = await openSession([probe()]);
    for (const [name, args, expected] of [
      ["slow", { steps: 3 }, 3],
      ["burst", { count: 5 }, 5],
    ] as const) {
      const progress: number[] = [];
      client.fallbackNotificationHandler = async (notification) => {
        heard.push(notification as never);
      };
      const onprogress = ({ progress: at }: { progress: number }) => progress.push(at);
      // The SDK's client, too, drops progress that comes in one piece with the result: listen below it.
      const transport = client.transport;
      const inner = transport?.onmessage;
      if (!transport || !inner) throw new Error("not connected");
      const seen: unknown[] = [];
      transport.onmessage = (message, extra) => {
        if ("method" in message && message.method === "notifications/progress")
          seen.push(message.params?.progress);
        inner(message, extra);
      };
      await client.callTool(call(`probe_${name}`, args), undefined, { onprogress });
      transport.onmessage = inner;
      expect(seen).toEqual(Array.from({ length: expected }, (_, index) => index + 1));
    }
    const bursts = heard
      .filter(({ method }) => method === "notifications/message")
      .map(({ params }) => params?.data);
    expect(bursts).toEqual(["burst 1", "burst 2", "burst 3", "burst 4", "burst 5"]);
  });

  test("carries cancellation, with its reason", async () => {
    const { client } = await openSession([probe()]);
    const controller = new AbortController();
    const waiting = client
      .callTool(call("probe_wait"), undefined, { signal: controller.signal })
      .catch((e) => e);
    await client.listTools();
    controller.abort("enough");
    expect(await waiting).toBeInstanceOf(Error);
    await waitFor("the upstream to hear of it", async () => {
      const { contents } = await client.readResource({ uri: "probe+probe://state" });
      return textOf({ content: contents }).includes('"cancelled":["enough"]');
    });
  });

  test("carries the upstream's own requests, and their errors", async () => {
    const { client } = await openSession([probe()]);
    const answers = JSON.parse(textOf(await client.callTool(call("probe_ask"))));
    expect(answers.sampling.content.text).toContain('"uri":"probe+probe://asked"');
    expect(answers.elicitation).toEqual({ action: "accept", content: { name: "answer to name?" } });
    expect(answers.roots).toEqual({ roots: [{ uri: "file:///root", name: "root" }] });

    const bare = await openSession([probe()], { capabilities: {} });
    const refused = JSON.parse(textOf(await bare.client.callTool(call("probe_ask"))));
    expect(refused.roots).toMatchObject({ code: -32601 });
  });

  test("carries the upstream's taking back of its first request", async () => {
    const { client } = await openSession([probe()]);
    const aborted = new Promise((resolve) => {
      client.setRequestHandler(ElicitRequestSchema, (_request, { signal }) => {
        signal.addEventListener("abort", () => resolve(signal.reason));
        return new Promise(() => {});
      });
    });
    await client.callTool(call("probe_cancelled-ask"));
    // The client's SDK overlooks the cancellation of request 0; the transport core never uses that id.
    await client.callTool(call("probe_cancelled-ask"));
    expect(await aborted).toBe("changed my mind");
  });

  test("carries log messages, signed, and the level to every upstream", async () => {
    const { client, heard } = await openSession([probe("a"), probe("b")]);
    await client.listTools();
    await client.setLoggingLevel("error");
    for (const app of ["a", "b"]) {
      const { contents } = await client.readResource({ uri: `${app}+probe://state` });
      expect(textOf({ content: contents })).toContain('"logLevel":"error"');
    }
    await client.callTool(call("b_log", { level: "error", data: { a: 1 } }));
    expect(heard).toContainEqual({
      jsonrpc: "2.0",
      method: "notifications/message",
      params: { level: "error", logger: "b", data: { a: 1 } },
    });
  });

  test("carries subscriptions and updates", async () => {
    const { client, heard } = await openSession([probe()]);
    const updates = () => heard.filter(({ method }) => method === "notifications/resources/updated");
    await client.subscribeResource({ uri: "probe+probe://state" });
    await client.callTool(call("probe_touch"));
    expect(updates().map(({ params }) => params?.uri)).toEqual(["probe+probe://state"]);
    await client.unsubscribeResource({ uri: "probe+probe://state" });
    await client.callTool(call("probe_touch"));
    expect(updates()).toHaveLength(1);
  });

  test("announces a changed list and serves it", async () => {
    const { client, heard } = await openSession([probe()]);
    expect((await client.listTools()).tools).toHaveLength(18);
    await client.callTool(call("probe_grow"));
    await waitFor("the announcement", () =>
      heard.some(({ method }) => method.endsWith("tools/list_changed")),
    );
    expect((await client.listTools()).tools.at(-1)?.name).toBe("probe_grown-18");
  });

  test("carries a flood whole and in order", async () => {
    const { client, heard } = await openSession([probe()]);
    await client.callTool(call("probe_flood", { count: 20_000 }));
    await waitFor("the last one", () => heard.at(-1)?.params?.data === 20_000);
    expect(heard.map(({ params }) => params?.data)).toEqual(Array.from({ length: 20_000 }, (_, n) => n + 1));
  });

  test("carries a message of 20 MB, one line, whole", async () => {
    const { client } = await openSession([probe()]);
    const bytes = 20 * 1024 * 1024;
    const text = textOf(await client.callTool(call("probe_big", { bytes })));
    expect(text === "x".repeat(bytes)).toBe(true);
  });

  test("tells the upstreams of changed roots", async () => {
    const { client, heard } = await openSession([probe()]);
    await client.callTool(call("probe_async-ask"));
    await waitFor("the roots", () =>
      heard.find(({ params }) => JSON.stringify(params).includes("file:///root")),
    );
    await client.sendRootsListChanged();
    await waitFor("the upstream to hear of it", async () => {
      const { contents } = await client.readResource({ uri: "probe+probe://state" });
      return textOf({ content: contents }).includes('"rootsChanged":1');
    });
  });

  test("gives an upstream the configured variables and few others", async () => {
    process.env.GATEWAY_TEST_SECRET = "s3cret";
    const { client } = await openSession([probe("probe", { OWN: "yes" })]);
    const env = JSON.parse(textOf(await client.callTool(call("probe_env"))));
    delete process.env.GATEWAY_TEST_SECRET;
    expect(env).toMatchObject({ OWN: "yes", PATH: process.env.PATH });
    expect(env).not.toHaveProperty("GATEWAY_TEST_SECRET");
  });

  test("logs what an upstream says to standard error, and that it says what is not MCP, once", async () => {
    const { client, logged } = await openSession([probe()]);
    await client.callTool(call("probe_garbage"));
    await client.callTool(call("probe_garbage"));
    await waitFor("the log", () => logged.filter(({ event }) => event === "upstream said").length === 2);
    expect(logged).toContainEqual(
      expect.objectContaining({
        level: "info",
        session: "session-",
        app: "probe",
        text: "to standard error",
      }),
    );
    expect(logged.filter(({ event }) => event === "upstream sends what is not MCP")).toEqual([
      expect.objectContaining({
        session: "session-",
        hint: "it writes to standard output, which is for MCP; it should log to standard error",
      }),
    ]);
  });

  test("answers initialize without waiting for any upstream", async () => {
    const { client } = await openSession([probe("probe", { PROBE: "hangs" })]);
    expect(client.getServerCapabilities()).toMatchObject({
      tools: {},
      prompts: {},
      resources: {},
      logging: {},
    });
    expect(createClient()).toBeDefined();
  });
});
