import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import type { SdkName } from "../support/sdk-table.js";
import type { TracedFetch } from "./traced-fetch.js";

export const ROOTS = [{ uri: "file:///project", name: "project" }];

/** How long a client waits for an answer, in ms. */
const TIMEOUT_MS = 20_000;

const INFO = { name: "traffic", version: "1.0.0" };
const CAPABILITIES = { sampling: {}, elicitation: {}, roots: { listChanged: true } };
const RECONNECTION = {
  initialReconnectionDelay: 50,
  maxReconnectionDelay: 50,
  reconnectionDelayGrowFactor: 1,
  maxRetries: 100,
};

/** What a client tells whoever has connected it. */
export interface Told {
  log(data: string): void;
  updated(uri: string): void;
  error(error: Error): void;
}

/** An official client with its session, whichever SDK it is of. It answers sampling, elicitation and roots. */
export interface TrafficClient {
  readonly client: ClientV1 | ClientV2;
  readonly transport: TransportV1 | TransportV2;
  /** Calls a tool. Returns: the first text of its result */
  call(name: string, args: Record<string, unknown>, onProgress?: (progress: number) => void): Promise<string>;
}

type Connect = (url: URL, traced: TracedFetch, told: Told) => Promise<TrafficClient>;

const CONNECT: Readonly<Record<SdkName, Connect>> = {
  v1: async (url, { fetch }, told) => {
    const client = new ClientV1(INFO, { capabilities: CAPABILITIES });
    client.onerror = told.error;
    client.setRequestHandler(CreateMessageRequestSchema, ({ params }) =>
      sampled(params.messages[0]?.content),
    );
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicited(params.message));
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: ROOTS }));
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
      told.log(String(params.data));
    });
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) =>
      told.updated(params.uri),
    );
    const transport = new TransportV1(url, { fetch, reconnectionOptions: RECONNECTION });
    await client.connect(transport as Transport, { timeout: TIMEOUT_MS });
    const call: TrafficClient["call"] = async (name, args, onProgress) =>
      firstText(await client.callTool({ name, arguments: args }, undefined, callOptions(onProgress)));
    return { client, transport, call };
  },
  v2: async (url, { fetch }, told) => {
    const client = new ClientV2(INFO, { capabilities: CAPABILITIES });
    client.onerror = told.error;
    client.setRequestHandler("sampling/createMessage", ({ params }) => sampled(params.messages[0]?.content));
    client.setRequestHandler("elicitation/create", ({ params }) => elicited(params.message));
    client.setRequestHandler("roots/list", () => ({ roots: ROOTS }));
    client.setNotificationHandler("notifications/message", ({ params }) => told.log(String(params.data)));
    client.setNotificationHandler("notifications/resources/updated", ({ params }) =>
      told.updated(params.uri),
    );
    const transport = new TransportV2(url, { fetch, reconnectionOptions: RECONNECTION });
    await client.connect(transport, { timeout: TIMEOUT_MS });
    const call: TrafficClient["call"] = async (name, args, onProgress) =>
      firstText(await client.callTool({ name, arguments: args }, callOptions(onProgress)));
    return { client, transport, call };
  },
};

/** Connects an official client of that SDK. Every error that it reports by `onerror` is told. */
export function connectTrafficClient(
  sdk: SdkName,
  url: string,
  traced: TracedFetch,
  told: Told,
): Promise<TrafficClient> {
  return CONNECT[sdk](new URL(url), traced, told);
}

function callOptions(onProgress: ((progress: number) => void) | undefined) {
  const onprogress = onProgress && (({ progress }: { progress: number }) => onProgress(progress));
  return { timeout: TIMEOUT_MS, ...(onprogress ? { onprogress } : {}) };
}

function sampled(content: unknown) {
  const text = `echo ${(content as { text?: string } | undefined)?.text}`;
  return { role: "assistant" as const, model: "none", content: { type: "text" as const, text } };
}

function elicited(message: string) {
  return { action: "accept" as const, content: { response: `answer to ${message}` } };
}

function firstText(result: { readonly [name: string]: unknown }): string {
  return (result.content as { text?: string }[] | undefined)?.[0]?.text ?? "";
}
