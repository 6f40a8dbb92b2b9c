import { describe, expect, test } from "vitest";
import { probe, startGateway } from "./support/gateway-process.js";

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly data?: unknown; readonly progress?: number; readonly progressToken?: unknown };
}

const HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };

/** A session driven by hand, to see which stream carries what. */
async function openSession() {
  const url = await startGateway({ probe: probe() }).url();
  const post = (message: object, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: "POST",
      headers: { ...HEADERS, ...headers },
      body: JSON.stringify({ jsonrpc: "2.0", ...message }),
    });
  const capabilities = { roots: {} };
  const params = { protocolVersion: "2025-11-25", capabilities, clientInfo: { name: "raw", version: "1" } };
  const opened = await post({ id: 1, method: "initialize", params });
  await messagesOf(opened);
  const session = { "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" };
  await post({ method: "notifications/initialized" }, session);
  return {
    call: async (id: number, name: string, args: object = {}, meta?: object, onMessage?: () => void) => {
      const params = { name: `probe_${name}`, arguments: args, ...(meta && { _meta: meta }) };
      return messagesOf(await post({ id, method: "tools/call", params }, session), undefined, onMessage);
    },
    /** The first messages of the general stream. */
    general: async (count: number) =>
      messagesOf(await fetch(url, { headers: { ...HEADERS, ...session } }), count),
  };
}

/** The messages of an SSE answer: all of them, or the first so many. */
async function messagesOf(
  response: Response,
  count = Number.POSITIVE_INFINITY,
  onMessage: () => void = () => {},
): Promise<Message[]> {
  const messages: Message[] = [];
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    const lines = `${rest}${decoder.decode(chunk, { stream: true })}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith("data: {")) continue;
      messages.push(JSON.parse(line.slice("data: ".length)));
      onMessage();
      if (messages.length >= count) return messages;
    }
  }
  return messages;
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const dataOf = (messages: Message[]) =>
  messages.map(({ id, params }) => id ?? params?.data ?? params?.progress);

describe("what an upstream says while it works", () => {
  test("comes on the stream of the only call in flight, in order, before its result", async () => {
    const { call } = await openSession();
    const messages = await call(7, "burst", { count: 3 }, { progressToken: "mine" });
    expect(dataOf(messages)).toEqual([1, "burst 1", 2, "burst 2", 3, "burst 3", 7]);
    for (const { params } of messages) if (params?.progress) expect(params.progressToken).toBe("mine");
    expect(dataOf(await call(8, "log", { data: "only" }))).toEqual(["only", 8]);
  });

  test("comes on the general stream when it could belong to several calls, or to none", async () => {
    const { call, general } = await openSession();
    const { promise: started, resolve: onMessage } = withResolvers();
    const slow = call(7, "slow", { steps: 10, stepMs: 100 }, { progressToken: 0 }, onMessage);
    await started;
    expect(dataOf(await call(8, "log", { data: "whose?" }))).toEqual([8]);
    expect(dataOf(await slow)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 7]);
    expect(dataOf(await call(9, "async-ask"))).toEqual([9]);
    const [log, ask] = await general(2);
    expect(log?.params?.data).toBe("whose?");
    expect(ask?.method).toBe("roots/list");
  });
});
