import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { TransportSendOptions } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, test } from "vitest";
import { ClientChannel } from "../src/client-channel.js";

type Send = (message: JSONRPCMessage, options?: TransportSendOptions) => Promise<void>;

async function openChannel(send: Send) {
  const server = new Server({ name: "test", version: "1" }, { capabilities: { logging: {} } });
  await server.connect({ send, start: async () => {}, close: async () => {} });
  const pressure: boolean[] = [];
  return { pressure, channel: new ClientChannel(server, (pressed) => pressure.push(pressed)) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const notDone = { signal: new AbortController().signal, onProgress: () => {} };

describe("the channel to the client", () => {
  test("holds the upstreams back while too much is under way (G7)", async () => {
    const waiting: (() => void)[] = [];
    const { channel, pressure } = await openChannel(() => new Promise((resolve) => waiting.push(resolve)));
    for (let n = 0; n < 255; n += 1) channel.notify("notifications/message", { data: n });
    expect(pressure).toEqual([]);
    channel.progress({ progressToken: 1, progress: 1 }, 7);
    expect(pressure).toEqual([true]);
    for (const release of waiting.splice(0, 191)) release();
    await turn();
    expect(pressure).toEqual([true]);
    waiting.pop()?.();
    await turn();
    expect(pressure).toEqual([true, false]);
  });

  test("falls back to the general stream where a call's own stream takes nothing", async () => {
    const sent: unknown[] = [];
    const { channel } = await openChannel(async (message, options) => {
      if (options?.relatedRequestId !== undefined) throw new Error("that stream has ended");
      sent.push("method" in message && message.method);
    });
    channel.notify("notifications/message", { data: 1 }, 7);
    channel.progress({ progressToken: 1, progress: 1 }, 7);
    void channel.ask("roots/list", {}, { ...notDone, relatedCall: 7 });
    await turn();
    expect(sent).toEqual(["notifications/message", "roots/list"]);
  });

  test("does not ask twice when the client refuses", async () => {
    let asked = 0;
    const server = new Server({ name: "test", version: "1" }, { capabilities: {} });
    const transport = {
      start: async () => {},
      close: async () => {},
      onmessage: (_message: JSONRPCMessage) => {},
      send: async (message: JSONRPCMessage) => {
        asked += 1;
        const { id } = message as { id: number };
        const error = { code: -32042, message: "MCP error -32042: no", data: { why: "so" } };
        queueMicrotask(() => transport.onmessage({ jsonrpc: "2.0", id, error }));
      },
    };
    await server.connect(transport);
    const channel = new ClientChannel(server, () => {});
    const answer = await channel
      .ask("roots/list", {}, { ...notDone, relatedCall: 7 })
      .catch((error) => error);
    expect(answer).toMatchObject({ code: -32042, message: "no", data: { why: "so" } });
    expect(asked).toBe(1);
  });
});
