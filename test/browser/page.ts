// What runs in the page: the official clients, as they come. The test reaches it as `window.mcp`.
import {
  Client as ClientV2,
  SdkHttpError,
  StreamableHTTPClientTransport as TransportV2,
} from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import {
  StreamableHTTPError,
  StreamableHTTPClientTransport as TransportV1,
} from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { SdkName } from "../support/sdk-table.js";

/** A message as the client's transport has received it. */
interface Received {
  readonly method?: string;
  readonly params?: { readonly progress?: number };
}

/** How something ended: errors as values, since not all of them survive the way out of the page. */
type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  /** status: what the client knows of the answer's HTTP status */
  | { readonly ok: false; readonly message: string; readonly status: number | undefined };

interface Connection {
  readonly transport: {
    readonly sessionId?: string | undefined;
    onmessage?: ((message: never) => void) | undefined;
    terminateSession(): Promise<void>;
  };
  call(name: string, args: Record<string, unknown>): Promise<unknown>;
}

const INFO = { name: "page", version: "1.0.0" };
const withProgress = { onprogress: () => {} };

const CONNECT: Readonly<Record<SdkName, (url: URL) => Promise<Connection>>> = {
  v1: async (url) => {
    const client = new ClientV1(INFO);
    const transport = new TransportV1(url);
    await client.connect(transport as Transport);
    const call: Connection["call"] = (name, args) =>
      client.callTool({ name, arguments: args }, undefined, withProgress);
    return { transport, call };
  },
  v2: async (url) => {
    const client = new ClientV2(INFO);
    const transport = new TransportV2(url);
    await client.connect(transport);
    const call: Connection["call"] = (name, args) => client.callTool({ name, arguments: args }, withProgress);
    return { transport, call };
  },
};

let connection: Connection | undefined;
let received: Received[] = [];

function connected(): Connection {
  if (!connection) throw new Error("Not connected");
  return connection;
}

async function outcomeOf<T>(doing: Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await doing };
  } catch (error) {
    return { ok: false, message: String(error), status: statusOf(error) };
  }
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof StreamableHTTPError) return error.code;
  return error instanceof SdkHttpError ? error.status : undefined;
}

const mcp = {
  /** Connects a client with its default options. Returns: the session's id, as the page can read it */
  connect: (sdk: SdkName, url: string) =>
    outcomeOf(
      CONNECT[sdk](new URL(url)).then((made) => {
        connection = made;
        received = [];
        const { transport } = made;
        const deliver = transport.onmessage;
        transport.onmessage = (message) => {
          received.push(message);
          deliver?.(message);
        };
        return transport.sessionId;
      }),
    ),

  /** Calls a tool with a progress token. */
  call: (name: string, args: Record<string, unknown> = {}) => outcomeOf(connected().call(name, args)),

  /** The progress that the client was told since it connected, in order. */
  progress: () =>
    received.flatMap(({ method, params }) => (method === "notifications/progress" ? [params?.progress] : [])),

  terminate: () => outcomeOf(connected().transport.terminateSession()),

  /** A request that browsers send to any origin without asking first. Returns: its status, if the page may read it */
  postWithoutPreflight: (url: string, body: string) =>
    outcomeOf(
      fetch(url, {
        method: "POST",
        headers: { accept: "application/json, text/event-stream", "content-type": "text/plain" },
        body,
      }).then(({ status }) => status),
    ),
};

declare global {
  interface Window {
    mcp: typeof mcp;
  }
}
window.mcp = mcp;
