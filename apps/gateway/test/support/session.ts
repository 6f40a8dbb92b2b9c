import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import {
  type ClientCapabilities,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { onTestFinished } from "vitest";
import type { AppConfig, StdioApp } from "../../src/config.js";
import { GatewaySessions } from "../../src/gateway-sessions.js";
import { createLog } from "../../src/log.js";

export const PROBE = fileURLToPath(new URL("../fixtures/probe-server.mjs", import.meta.url));
export const EVERYTHING = fileURLToPath(
  new URL("../../node_modules/@modelcontextprotocol/server-everything/dist/index.js", import.meta.url),
);

/** An app that runs the probe server. */
export function probe(name = "probe", env: Record<string, string> = {}, timeoutMs = 20_000): StdioApp {
  return {
    kind: "stdio",
    name,
    command: process.execPath,
    args: [PROBE],
    env,
    cwd: process.cwd(),
    timeoutMs,
  };
}

interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

interface Heard {
  readonly method: string;
  readonly params?: Record<string, unknown>;
}

/** A client that can do everything, in a session of its own with the apps behind it; no HTTP in between. */
export async function openSession(
  apps: readonly AppConfig[],
  options: { capabilities?: ClientCapabilities; restored?: boolean } = {},
) {
  const logged: LogLine[] = [];
  const sessions = new GatewaySessions(
    apps,
    createLog((line) => logged.push(JSON.parse(line))),
  );
  const server = sessions.createServer({
    sessionId: "session-in-a-test",
    restored: options.restored ?? false,
  });
  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
  await server.connect(serverSide);

  const client = createClient(options.capabilities);
  const heard: Heard[] = [];
  client.fallbackNotificationHandler = async (notification) => {
    heard.push(notification as Heard);
  };
  await client.connect(clientSide);
  onTestFinished(() => sessions.close());
  return { client, heard, logged, sessions, server };
}

/** The official client, with answers to all that a server may ask. */
export function createClient(
  capabilities: ClientCapabilities = {
    sampling: {},
    elicitation: { form: {} },
    roots: { listChanged: true },
  },
): Client {
  const client = new Client({ name: "test", version: "1.0.0" }, { capabilities });
  if (capabilities.sampling) {
    client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => ({
      model: "test",
      role: "assistant",
      content: { type: "text", text: `sampled ${JSON.stringify(params.messages)}` },
    }));
  }
  if (capabilities.elicitation) {
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => ({
      action: "accept",
      content: { name: `answer to ${params.message}` },
    }));
  }
  if (capabilities.roots) {
    client.setRequestHandler(ListRootsRequestSchema, () => ({
      roots: [{ uri: "file:///root", name: "root" }],
    }));
  }
  return client;
}

/** The text of a tool's result. */
export function textOf(result: unknown): string {
  const { content } = result as { content: { text?: string }[] };
  return content.map((block) => block.text ?? "").join("");
}
