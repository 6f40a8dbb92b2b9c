import type { Store } from "@durable-mcp/contract";
import type { CreateServerObject, ServerLike } from "./server-object.js";

/** How the suite gets at a binding. All that a contributor writes. */
export interface BindingHarness {
  /** Opens a store without any data, for one case. The suite closes it. */
  openStore(): Promise<Store>;

  /**
   * Makes an endpoint of the options with `createMcpEndpoint`, and serves it through the binding, at the path /mcp, on
   * a free port of 127.0.0.1.
   */
  serve(options: ServedOptions, surroundings: Surroundings): Promise<ServedEndpoint>;

  /** Makes the server objects that tools are called on. Default: the suite's own, which needs no SDK. */
  readonly createServerObject?: CreateServerObject;

  /** Whether a framework's parser stands before the binding, whose own refusals must be JSON-RPC too. Default: false. */
  readonly parserErrors?: boolean;

  /** Most ms that one case may take. Default: 10,000. */
  readonly timeoutMs?: number;
}

/** What stands before the binding. */
export interface Surroundings {
  readonly body: BodySetting;
  /** Every request is authenticated as this, in the way that the binding documents; undefined = none is. */
  readonly authInfo: unknown;
}

/**
 * What has become of a request's body before the binding sees the request.
 *
 * - `unread`: nobody has touched it.
 * - `parsed`: the framework's JSON parser has read it (or `JSON.parse`, where there is no framework), and what it made is
 *   handed on in the way that the binding documents.
 * - `drained`: somebody has read it to its end, and hands nothing on.
 */
export type BodySetting = "unread" | "parsed" | "drained";

/** An endpoint that listens. */
export interface ServedEndpoint {
  /** Its address, such as http://127.0.0.1:3000/mcp. */
  readonly url: string;
  /** What `createMcpEndpoint` has returned. */
  readonly endpoint: { stats(): ServedStats };
  /** Closes the endpoint and then the server, as a program does that shuts down; not the store. */
  close(): Promise<void>;
}

/** What the endpoint says it holds. */
export interface ServedStats {
  readonly sessions: number;
  readonly calls: number;
  readonly connections: number;
  readonly bufferedBytes: number;
}

/** What `createServer` is told, as far as the suite looks at it. */
export interface ServedContext {
  readonly sessionId: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly restored: boolean;
}

/** Who calls. */
interface Caller {
  readonly issuer: string;
  readonly subject: string;
  readonly client: string;
}

/** Those options of `createMcpEndpoint` that the suite uses; to be handed to it as they are. */
export interface ServedOptions {
  readonly store: Store;
  readonly createServer: (context: ServedContext) => ServerLike | Promise<ServerLike>;
  readonly logger: ServedLogger;
  readonly principal?: (request: {
    readonly headers: Readonly<Record<string, string | undefined>>;
  }) => Caller | undefined;
  readonly allowedHosts?: string[];
  readonly allowedOrigins?: string[];
  readonly storedHeaders?: string[];
  readonly enableJsonResponse?: boolean;
  readonly maxSessions?: number;
  readonly maxBodyBytes?: number;
  readonly keepAliveMs?: number;
  readonly retryMs?: number;
}

/** Takes what the endpoint has to say. */
interface ServedLogger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
