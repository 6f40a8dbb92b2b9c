import type { ServerLike, ServerTransport } from "@durable-mcp/core";

/** What a handler is given of the call that it serves, told in the same words for each SDK. */
export interface Handled {
  readonly sessionId: string | undefined;
  readonly authInfo: unknown;
  /** A header of the HTTP request. */
  header(name: string): unknown;
  readonly url: string | undefined;
  readonly signal: AbortSignal;
  readonly closeConnection: (() => void) | undefined;
  readonly closeGetConnection: (() => void) | undefined;
  /** Sends a log message that belongs to the call. */
  notify(): Promise<void>;
  /** Asks the client for its roots, as part of the call. */
  ask(options?: AskOptions): Promise<unknown>;
}

interface AskOptions {
  signal?: AbortSignal;
  onprogress?: () => void;
}

/** What the SDKs see of our transport. */
type TransportSeam = Pick<
  ServerTransport,
  "sessionId" | "start" | "send" | "close" | "onmessage" | "onclose" | "onerror"
>;

/** What the servers of both SDKs have in common. */
interface Connectable extends Omit<ServerLike, "connect"> {
  connect(transport: TransportSeam): Promise<void>;
}

/** What their low-level servers have in common, as far as it is used here. */
export interface ServerUnderTest extends Connectable {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  oninitialized?: (() => void) | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: the SDKs' own types of requests differ
  fallbackRequestHandler?: ((request: any, context: any) => Promise<any>) | undefined;
  getClientCapabilities(): unknown;
  listRoots(params?: undefined, options?: AskOptions): Promise<unknown>;
  sendLoggingMessage(params: { level: "info"; data: string }, sessionId?: string): Promise<void>;
}

/** Takes a call. Resolves with the text of its result. */
export type OnCall = (handled: Handled) => string | Promise<string>;

export interface SdkUnderTest {
  /** A low-level server with one tool; strict: it must not ask what the client has not declared. */
  createServer(onCall?: OnCall, options?: { readonly strict: boolean }): ServerUnderTest;
  /** A high-level server without anything. */
  createMcpServer(): Connectable;
}

export const INFO = { name: "expectations", version: "1.0.0" };
export const CAPABILITIES = { tools: {}, logging: {} };
export const LOG = {
  method: "notifications/message" as const,
  params: { level: "info" as const, data: "hello" },
};
