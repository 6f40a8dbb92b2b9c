import { afterAll, describe, expect, test } from "vitest";
import { connect, everything, startGateway } from "./support/gateway-process.js";
import { textOf } from "./support/session.js";
import { waitFor } from "./support/wait-for.js";

describe("the official client drives server-everything through the gateway", () => {
  const gateway = startGateway({ everything }, { cleanUp: afterAll });
  const open = async () => connect(await gateway.url());

  test("tools, prompts, resources, completion", async () => {
    const { client } = await open();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["everything_echo", "everything_get-sum"]),
    );
    expect(textOf(await client.callTool({ name: "everything_echo", arguments: { message: "hi" } }))).toBe(
      "Echo: hi",
    );
    const structured = { name: "everything_get-structured-content", arguments: { location: "Chicago" } };
    expect((await client.callTool(structured)).structuredContent).toMatchObject({ temperature: 36 });

    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toContain("everything_args-prompt");
    const prompt = await client.getPrompt({ name: "everything_args-prompt", arguments: { city: "Rome" } });
    expect(JSON.stringify(prompt)).toContain("Rome");

    const { resourceTemplates } = await client.listResourceTemplates();
    const uriTemplate = "everything+demo://resource/dynamic/text/{resourceId}";
    expect(resourceTemplates.map((template) => template.uriTemplate)).toContain(uriTemplate);
    const uri = uriTemplate.replace("{resourceId}", "7");
    const { contents } = await client.readResource({ uri });
    expect(contents[0]).toMatchObject({ uri, text: expect.stringContaining("Resource 7") });
    const { resources } = await client.listResources();
    expect(resources.length).toBeGreaterThan(0);
    for (const resource of resources) expect((await client.readResource(resource)).contents).toHaveLength(1);

    const links = await client.callTool({ name: "everything_get-resource-links", arguments: { count: 2 } });
    const linked = (links.content as { uri?: string }[]).flatMap((block) => block.uri ?? []);
    expect(linked).toHaveLength(2);
    for (const uri of linked) expect((await client.readResource({ uri })).contents[0]?.uri).toBe(uri);

    const completion = await client.complete({
      ref: { type: "ref/prompt", name: "everything_completable-prompt" },
      argument: { name: "department", value: "E" },
    });
    expect(completion.completion.values).toEqual(["Engineering"]);
    const ids = await client.complete({
      ref: { type: "ref/resource", uri: uriTemplate },
      argument: { name: "resourceId", value: "12" },
    });
    expect(ids.completion.values).toEqual(["12"]);
    await client.ping();
  });

  test("progress and cancellation", async () => {
    const { client } = await open();
    const name = "everything_trigger-long-running-operation";
    const progress: unknown[] = [];
    const done = await client.callTool({ name, arguments: { duration: 0.5, steps: 4 } }, undefined, {
      onprogress: (step) => progress.push(step),
    });
    expect(textOf(done)).toContain("completed");
    // The SDK's client may drop the last one when it comes in one piece with the result.
    expect(progress.slice(0, 3)).toEqual([1, 2, 3].map((step) => ({ progress: step, total: 4 })));

    const controller = new AbortController();
    const call = client.callTool({ name, arguments: { duration: 60, steps: 600 } }, undefined, {
      signal: controller.signal,
      onprogress: () => controller.abort("enough"),
    });
    await expect(call).rejects.toThrow("enough");
    await client.ping();
  });

  test("sampling, elicitation, roots", async () => {
    const { client } = await open();
    const sampled = await client.callTool({
      name: "everything_trigger-sampling-request",
      arguments: { prompt: "why", maxTokens: 5 },
    });
    expect(textOf(sampled)).toContain("sampled");
    const elicited = await client.callTool({ name: "everything_trigger-elicitation-request", arguments: {} });
    expect(textOf(elicited)).toContain("answer to");
    const roots = await client.callTool({ name: "everything_get-roots-list", arguments: {} });
    expect(textOf(roots)).toContain("file:///root");
  });

  test("a tool that runs as a task, with a question on its way", async () => {
    const { client } = await open();
    const name = "everything_simulate-research-query";
    const { tools } = await client.listTools();
    expect(tools.find((tool) => tool.name === name)?.execution?.taskSupport).toBe("forbidden");
    const result = await client.callTool({ name, arguments: { topic: "python", ambiguous: true } });
    expect(textOf(result)).toContain("python");
    expect(textOf(result)).toContain("User accepted");
    expect(result._meta).toBeUndefined();
  });

  test("logging at the client's level", async () => {
    const { client, heard } = await open();
    await client.setLoggingLevel("debug");
    await client.callTool({ name: "everything_toggle-simulated-logging", arguments: {} });
    await waitFor("a log message", () =>
      heard.some(({ params }) => /level.message/.test(String(params?.data))),
    );
  });

  test("subscriptions", async () => {
    const { client, heard } = await open();
    const uri = "everything+demo://resource/dynamic/text/1";
    await client.subscribeResource({ uri });
    await client.callTool({ name: "everything_toggle-subscriber-updates", arguments: {} });
    const updated = () => heard.find(({ method }) => method === "notifications/resources/updated");
    expect((await waitFor("an update", updated)).params).toEqual({ uri });
    await client.unsubscribeResource({ uri });
  });

  test("termination", async () => {
    const { client, transport } = await open();
    await client.listTools();
    const { sessionId } = transport;
    await transport.terminateSession();
    const answer = await fetch((transport as unknown as { _url: URL })._url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-session-id": sessionId ?? "",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
    });
    expect(answer.status).toBe(404);
  });
});
